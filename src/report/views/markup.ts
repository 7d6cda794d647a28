/**
 * Pictures and tables as plain data: the page makes elements of it, the command line text. Text stays text in both: there
 * is no way for a name out of a model file to become markup.
 */

export type AttributeValue = string | number | boolean | undefined;

/** An SVG or HTML element. */
export interface Markup {
  readonly tag: string;
  /** Named as in a document (`stroke-width`, `class`); undefined and false are left out, true is written as empty. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly children: readonly (Markup | string)[];
}

/** An element. Children that are false or undefined are left out. */
export function el(
  tag: string,
  attributes: Readonly<Record<string, AttributeValue>> = {},
  ...children: readonly (Markup | string | false | undefined)[]
): Markup {
  return {
    tag,
    attributes,
    children: children.filter((child) => child !== undefined && child !== false),
  };
}

/** A number as coordinates are written: to a hundredth. */
export function px(value: number): number {
  return Math.round(value * 100) / 100;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it stands in a document. Control characters, which XML forbids, are taken out. */
export function escapeText(text: string): string {
  return text
    .replaceAll(/(?![\t\n\r])\p{Cc}|\p{Cs}|[\uFFFE\uFFFF]/gu, '')
    .replaceAll(/[&<>"']/g, (character) => ESCAPES[character]);
}

/** HTML elements without content; everything else gets an end tag, which SVG takes too. */
const VOID_TAGS = new Set(['br', 'col', 'hr', 'img', 'input', 'meta', 'link']);

/**
 * The document text of an element. Tags and attribute names come from the code, never from a model.
 * @throws TypeError for a tag or name that is none
 */
export function markupText({ tag, attributes, children }: Markup): string {
  const written = Object.entries(attributes).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    return [value === true ? ` ${checked(name)}=""` : ` ${checked(name)}="${escapeText(String(value))}"`];
  });
  const head = `<${checked(tag)}${written.join('')}`;
  if (VOID_TAGS.has(tag)) return `${head}>`;
  const content = children.map((child) =>
    typeof child === 'string' ? escapeText(child) : markupText(child),
  );
  return `${head}>${content.join('')}</${tag}>`;
}

function checked(name: string): string {
  if (/^[A-Za-z][\w:-]*$/.test(name) && !/^on/i.test(name)) return name;
  throw new TypeError(`"${name}" is no name of an element or attribute`);
}
