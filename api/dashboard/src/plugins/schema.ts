// Reads a plugin's settings schema into a flat list of fields a form can show.

/** The part of JSON Schema that settings use; the API passes it on as the plugin wrote it. */
export interface JsonSchema {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  type?: string | string[];
  title?: string;
  description?: string;
  format?: string;
  writeOnly?: boolean;
  enum?: (string | number | null)[];
  anyOf?: JsonSchema[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  default?: unknown;
}

export interface SettingField {
  name: string;
  label: string;
  help: string | undefined;
  kind: "text" | "secret" | "number" | "boolean" | "choice" | "lines";
  required: boolean;
  options: string[];
  fallback: unknown;
}

/** Fields in the schema's own order; unknown parts become text. */
export function fieldsOf(root: JsonSchema): SettingField[] {
  const schema = resolve(root, root);
  return Object.entries(schema.properties ?? {}).map(([name, part]) => {
    const found = resolve(part, root);
    return {
      name,
      label: part.title ?? found.title ?? humanise(name),
      help: part.description ?? found.description,
      kind: kindOf(found, root),
      required: schema.required?.includes(name) ?? false,
      options: (found.enum ?? []).filter((value) => value !== null).map(String),
      fallback: part.default ?? found.default,
    };
  });
}

/** Follow `$ref`, and look through "this or nothing". */
function resolve(schema: JsonSchema, root: JsonSchema): JsonSchema {
  if (schema.$ref) {
    const target = root.$defs?.[schema.$ref.split("/").pop() ?? ""];
    return target ? resolve({ ...target, ...without(schema) }, root) : without(schema);
  }
  const real = schema.anyOf?.filter((one) => one.type !== "null") ?? [];
  return real.length === 1 && real[0] ? { ...resolve(real[0], root), ...without(schema) } : schema;
}

function without({ $ref: _ref, anyOf: _anyOf, ...rest }: JsonSchema): JsonSchema {
  return rest;
}

function kindOf(schema: JsonSchema, root: JsonSchema): SettingField["kind"] {
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== "null") : schema.type;
  if (schema.writeOnly) return "secret";
  if (schema.enum) return "choice";
  if (type === "boolean") return "boolean";
  if (type === "integer" || type === "number") return "number";
  if (type === "array" && schema.items && kindOf(resolve(schema.items, root), root) === "text") return "lines";
  return "text";
}

const humanise = (name: string) => {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};
