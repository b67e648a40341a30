// Sends requests to the REST API: token, language, idempotency, one refresh, one kind of error.
import { language } from "../i18n";
import { ApiError, errorOf, noAnswer } from "./errors";
import { markUnreachable } from "./reachability";
import type { ErrorBody } from "./schema";
import { currentToken, refresh } from "./session";

export interface RequestOptions {
  body?: unknown;
  query?: Record<string, string | undefined>;
  signal?: AbortSignal;
  idempotencyKey?: string;
}

function headersFor(options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {
    Authorization: `Bearer ${currentToken() ?? ""}`,
    "Accept-Language": language.value,
  };
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (options.idempotencyKey) headers["Idempotency-Key"] = options.idempotencyKey;
  return headers;
}

function address(path: string, query: RequestOptions["query"] = {}): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1]));
  const text = new URLSearchParams(given).toString();
  return text ? `${path}?${text}` : path;
}

async function send(method: string, path: string, options: RequestOptions): Promise<Response> {
  const response = await fetch(address(path, options.query), {
    method,
    headers: headersFor(options),
    body: options.body === undefined ? null : JSON.stringify(options.body),
    signal: options.signal ?? null,
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    return null;
  });
  if (!response || [502, 503, 504].includes(response.status)) markUnreachable();
  if (!response) throw noAnswer();
  return response;
}

/** Send one request and return its decoded answer; throws ApiError. */
export async function request<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
  let response = await send(method, path, options);
  if (response.status === 401 && (await refresh())) response = await send(method, path, options);
  if (!response.ok) throw await errorOf(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

export const get = <T>(path: string, options?: RequestOptions) => request<T>("GET", path, options);
export const post = <T>(path: string, body: unknown = {}, options: RequestOptions = {}) =>
  request<T>("POST", path, { ...options, body });
export const patch = <T>(path: string, body: unknown) => request<T>("PATCH", path, { body });
export const put = <T>(path: string, body: unknown) => request<T>("PUT", path, { body });
export const remove = (path: string) => request<void>("DELETE", path);

/** Send a file; `onProgress` gets the share sent, 0 to 1. (`fetch` cannot report this.) */
export async function upload<T>(path: string, form: FormData, onProgress: (share: number) => void): Promise<T> {
  let answer = await sendForm(path, form, onProgress);
  if (answer.status === 401 && (await refresh())) answer = await sendForm(path, form, onProgress);
  if (answer.status >= 200 && answer.status < 300) return answer.body as T;
  const fallback = { code: `http_${answer.status}`, message: "" };
  throw new ApiError(answer.status, (answer.body as ErrorBody | null)?.error ?? fallback);
}

interface FormAnswer {
  status: number;
  body: unknown;
}

function sendForm(path: string, form: FormData, onProgress: (share: number) => void): Promise<FormAnswer> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open("POST", path);
    xhr.responseType = "json";
    for (const [name, value] of Object.entries(headersFor({}))) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    xhr.onload = () => resolve({ status: xhr.status, body: xhr.response as unknown });
    xhr.onerror = () => {
      markUnreachable();
      reject(noAnswer());
    };
    xhr.send(form);
  });
}
