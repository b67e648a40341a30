// The one error the screens know: what the API said, or that nobody answered.
import type { ErrorBody, FieldError } from "./schema";

/** An error nobody of ours wrote: no answer, or one of a machine in between. */
interface OwnError {
  code: string;
  message: string;
}

export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly requestId: string | null;
  readonly fields: FieldError[];
  readonly details: Record<string, unknown>;

  constructor(status: number, body: ErrorBody["error"] | OwnError) {
    super(body.message);
    this.code = body.code;
    this.status = status;
    this.details = "details" in body ? body.details : {};
    this.requestId = "details" in body ? body.details.request_id : null;
    this.fields = "details" in body ? (body.details.fields ?? []) : [];
  }

  /** Nobody answered, or a machine in between did: the same request may be sent again later. */
  get unreachable(): boolean {
    return this.status === 0 || [502, 503, 504].includes(this.status);
  }

  /** The API refused for good: sending the same again would be refused again. */
  get definite(): boolean {
    return this.status >= 400 && this.status < 500 && this.status !== 429;
  }
}

/** Build the error for an answer that is not a success, whatever its body is. */
export async function errorOf(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => null)) as ErrorBody | null;
  const fallback = { code: `http_${response.status}`, message: "" };
  return new ApiError(response.status, body?.error ?? fallback);
}

/** Build the error for a request that got no answer. */
export function noAnswer(): ApiError {
  return new ApiError(0, { code: "unreachable", message: "" });
}
