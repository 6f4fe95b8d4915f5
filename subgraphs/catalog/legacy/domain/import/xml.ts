/** An element of an XML document. */
export interface XmlElement {
  name: string;
  attributes: Readonly<Record<string, string>>;
  children: readonly XmlElement[];
  /** The text right within it, without that of its children. */
  text: string;
}

interface OpenElement extends XmlElement {
  children: XmlElement[];
}

/** Instruction, comment, character data, declaration or tag. */
const MARKUP =
  /<\?[^]*?\?>|<!--[^]*?-->|<!\[CDATA\[([^]*?)\]\]>|<!([A-Z]+)|<\/([^\s>]+)\s*>|<([^\s/>!?]+)((?:\s+[^\s=/>]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/g;
const ATTRIBUTE = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/**
 * The root of a document as programs write them: elements, attributes, text. Undefined for what is no such document;
 * one that declares entities of its own is none, so nothing in it can grow.
 */
export function readXml(text: string): XmlElement | undefined {
  const root: OpenElement = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  let at = 0;
  for (const match of text.matchAll(MARKUP)) {
    const [markup, data, declaration, closing, opening, attributes = "", isEmpty] = match;
    const parent = open.at(-1);
    const between = text.slice(at, match.index);
    at = match.index + markup.length;
    if (!parent || declaration !== undefined || between.includes("<")) return undefined;
    parent.text += unescaped(between) + (data ?? "");
    if (closing !== undefined) {
      if (open.length === 1 || closing !== parent.name) return undefined;
      open.pop();
    } else if (opening !== undefined) {
      const element = { name: opening, attributes: attributesOf(attributes), children: [], text: "" };
      parent.children.push(element);
      if (isEmpty === "") open.push(element);
    }
  }
  const isWhole = open.length === 1 && root.children.length === 1 && text.slice(at).trim() === "";
  return isWhole ? root.children[0] : undefined;
}

/** The elements of a name right below one. */
export const childrenOf = (element: XmlElement | undefined, name: string): readonly XmlElement[] =>
  (element?.children ?? []).filter((child) => child.name === name);

const attributesOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    Array.from(text.matchAll(ATTRIBUTE), ([, name = "", double, single]) => [
      name,
      unescaped(double ?? single ?? ""),
    ]),
  );

const unescaped = (text: string): string =>
  text.replace(/&(#x[0-9a-fA-F]{1,6}|#\d{1,7}|[a-z]+);/g, (entity, name: string) => {
    if (!name.startsWith("#")) return ENTITIES[name] ?? entity;
    const point = name[1] === "x" ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return point <= 0x10ffff ? String.fromCodePoint(point) : entity;
  });
