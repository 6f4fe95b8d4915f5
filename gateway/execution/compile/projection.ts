import {
  isCompositeType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  isSubtype,
  type CompositeType,
  type Operation,
  type Type,
} from "@apollo/federation-internals";
import { fieldsOf, type ConditionalSet, type PlannedField } from "./collect-fields.ts";
import type { JsonObject } from "./json-object.ts";
import { stringText } from "./json-text.ts";
import { NotCompilable } from "./not-compilable.ts";

/**
 * What a client sees of the data that the subgraphs gave, as JSON text. Undefined when something in it is
 * not as the schema promises (a null, a value or a type name): Apollo's executor then says what.
 */
export type Project = (data: JsonObject, variables: JsonObject) => string | undefined;

const MAX_FUNCTIONS = 3_000;

/** Builds the source of one function per selection set and type, and compiles it. */
export function compileProjection(operation: Operation): Project {
  const rootType = operation.schema().schemaDefinition.rootType(operation.rootKind);
  if (!rootType) throw new NotCompilable(`an operation without a root type`);
  const writer = createWriter();
  const root = writer.object(rootType, [{ set: operation.selectionSet, condition: "" }], { isRoot: true });
  const checks = [...writer.conditions]
    .map((name) => `if(typeof V[${JSON.stringify(name)}]!=="boolean")return;`)
    .join("");
  const source = `let V;${writer.functions.join("\n")}\nreturn (data,variables)=>{V=variables;${checks}return ${root}(data);}`;
  // The source consists of names and constants of a validated operation, each written by JSON.stringify.
  // oxlint-disable-next-line no-new-func typescript/no-implied-eval
  return new Function("str", source)(stringText) as Project;
}

interface Writer {
  functions: string[];
  /** Variables that decide about `@skip` and `@include`. */
  conditions: Set<string>;
  object(type: CompositeType, sets: ConditionalSet[], options?: { isRoot?: boolean }): string;
}

function createWriter(): Writer {
  const functions: string[] = [];
  const conditions = new Set<string>();
  const leaves = new Map<string, string>();

  const declare = (parameter: string, body: string): string => {
    if (functions.length > MAX_FUNCTIONS) throw new NotCompilable("an operation of this size");
    const name = `f${functions.length}`;
    functions.push(`function ${name}(${parameter}){${body}}`);
    return name;
  };

  const object: Writer["object"] = (type, sets, { isRoot = false } = {}) => {
    const fields = fieldsOf(type, sets);
    const isConditional = fields.some(({ condition }) => condition !== "");
    const lines = fields.map((field, index) => {
      const separator = index > 0 || isConditional ? "," : "";
      const prefix = JSON.stringify(`${separator}${JSON.stringify(field.key)}:`);
      const value = field.isTypename ? typename(type, field.key, isRoot) : valueOf(field);
      const line = `t=${value};if(t===undefined)return;s+=${prefix}+t;`;
      for (const name of field.variables) conditions.add(name);
      return field.condition === "" ? line : `if(${field.condition}){${line}}`;
    });
    const end = isConditional ? `return "{"+s.slice(1)+"}";` : `return s+"}";`;
    return declare("o", `let s=${isConditional ? '""' : '"{"'},t;${lines.join("")}${end}`);
  };

  const valueOf = (field: PlannedField): string =>
    `${nullable(field.type, field.sets)}(o[${JSON.stringify(field.key)}])`;

  /** A function from a value to its text; undefined stands for a broken promise. */
  const nullable = (type: Type, sets: ConditionalSet[]): string => {
    if (!isNonNullType(type)) return declare("v", `return v==null?"null":${present(type, sets)}(v);`);
    return declare("v", `return v==null?undefined:${present(type.ofType, sets)}(v);`);
  };

  const present = (type: Type, sets: ConditionalSet[]): string => {
    if (isListType(type)) {
      const element = nullable(type.ofType, sets);
      const loop = `for(let i=0;i<v.length;i++){const t=${element}(v[i]);if(t===undefined)return;s+=i===0?t:","+t;}`;
      return declare("v", `if(!Array.isArray(v))return;let s="[";${loop}return s+"]";`);
    }
    return isCompositeType(type) ? composite(type, sets) : leaf(type);
  };

  const composite = (type: CompositeType, sets: ConditionalSet[]): string => {
    const guard = `if(typeof v!=="object"||Array.isArray(v))return;`;
    if (isObjectType(type)) {
      const name = JSON.stringify(type.name);
      const own = object(type, sets);
      return declare(
        "v",
        `${guard}const n=v.__typename;return n===undefined||n===${name}?${own}(v):undefined;`,
      );
    }
    const cases = runtimeTypes(type).map(
      (possible) => `case ${JSON.stringify(possible.name)}:return ${object(possible, sets)}(v);`,
    );
    return declare("v", `${guard}switch(v.__typename){${cases.join("")}}`);
  };

  const leaf = (type: Type): string => {
    const known = leaves.get(type.toString()) ?? declare("v", leafBody(type));
    leaves.set(type.toString(), known);
    return known;
  };

  return { functions, conditions, object };
}

/** A type name that the data lacks is known only at the root. */
function typename(type: CompositeType, key: string, isRoot: boolean): string {
  if (!isObjectType(type)) throw new NotCompilable("__typename of an object without a type of its own");
  const [name, text] = [JSON.stringify(type.name), JSON.stringify(JSON.stringify(type.name))];
  const given = `(o[${JSON.stringify(key)}]??o.__typename)`;
  return isRoot
    ? `${given}===undefined||${given}===${name}?${text}:undefined`
    : `${given}===${name}?${text}:undefined`;
}

/** The types that may stand in the data; an interface stands for itself where `@interfaceObject` is in play. */
function runtimeTypes(type: CompositeType): CompositeType[] {
  return type
    .schema()
    .types()
    .filter((candidate): candidate is CompositeType => isCompositeType(candidate))
    .filter((candidate) => isObjectType(candidate) && isSubtype(type, candidate));
}

function leafBody(type: Type): string {
  if (isEnumType(type)) {
    const cases = type.values.map(({ name }) => `case ${JSON.stringify(name)}:`);
    return `switch(v){${cases.join("")}return '"'+v+'"';}`;
  }
  switch (type.toString()) {
    case "Int":
      return `if(typeof v==="number"&&(v|0)===v)return ""+v;`;
    case "Float":
      return `if(typeof v==="number"&&v-v===0)return ""+v;`;
    case "Boolean":
      return `if(v===true)return "true";if(v===false)return "false";`;
    case "String":
      return `if(typeof v==="string")return str(v);`;
    case "ID":
      return `if(typeof v==="string")return str(v);if(typeof v==="number"&&(v|0)===v)return ""+v;`;
    default:
      return `return typeof v==="string"?str(v):JSON.stringify(v);`;
  }
}
