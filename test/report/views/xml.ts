/** Enough of an XML parser to say whether a document is well formed. */
export class XMLParser {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** @returns the root's tag. @throws Error naming what is wrong */
  check(): string {
    const open: string[] = [];
    let root: string | undefined;
    const tokens = /<\?[^>]*\?>|<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|[^<]+|</gu;
    for (const [whole, slash, tag, attributes = '', empty] of this.#text.matchAll(tokens)) {
      if (whole === '<') throw new Error('a < that begins no tag');
      if (tag === undefined) {
        if (/&(?!(?:amp|lt|gt|quot|#39);)/.test(whole)) throw new Error(`an entity in "${whole}"`);
        continue;
      }
      const names = Array.from(attributes.matchAll(/([\w:-]+)="/g), ([, name]) => name);
      if (new Set(names).size < names.length) throw new Error(`${tag} has an attribute twice`);
      if (slash === '/') {
        const last = open.pop();
        if (last !== tag) throw new Error(`${String(last)} ends as ${tag}`);
      } else if (empty !== '/') {
        if (open.length === 0 && root !== undefined) throw new Error(`a second root, ${tag}`);
        root ??= tag;
        open.push(tag);
      }
    }
    if (open.length > 0 || root === undefined) throw new Error(`${open.join()} does not end`);
    return root;
  }
}
