/** HTML as values: text is escaped wherever it is put in, and only what was made here counts as markup. */
import { escapeText } from '../charts/index.js';

/** Markup that is safe to print. */
export class Markup {
  readonly html: string;

  private constructor(html: string) {
    this.html = html;
  }

  /** An element. Attributes' values are escaped; children that are text too. */
  static element(
    tag: Tag,
    attributes: Readonly<Record<string, string>>,
    children: readonly Content[],
  ): Markup {
    const list = Object.entries(attributes).map(([name, value]) => ` ${name}="${escapeText(value)}"`);
    return new Markup(`<${tag}${list.join('')}>${children.map(htmlOf).join('')}</${tag}>`);
  }

  /** A chart: it escapes its own texts. */
  static chart(svg: string): Markup {
    if (!svg.startsWith('<svg ')) throw new TypeError('a chart is an <svg>');
    return new Markup(svg);
  }

  /** A style sheet, which takes no text from outside. */
  static style(css: string): Markup {
    return new Markup(`<style>${css}</style>`);
  }
}

export type Content = string | Markup;

/** The elements that reports are made of. */
export type Tag =
  | 'a'
  | 'article'
  | 'body'
  | 'code'
  | 'details'
  | 'div'
  | 'em'
  | 'figcaption'
  | 'figure'
  | 'h1'
  | 'h2'
  | 'h3'
  | 'header'
  | 'li'
  | 'main'
  | 'nav'
  | 'p'
  | 'section'
  | 'strong'
  | 'summary'
  | 'table'
  | 'tbody'
  | 'td'
  | 'th'
  | 'thead'
  | 'title'
  | 'tr'
  | 'ul';

function htmlOf(content: Content): string {
  return typeof content === 'string' ? escapeText(content) : content.html;
}

/** An element without attributes. */
export function h(tag: Tag, ...children: readonly Content[]): Markup {
  return Markup.element(tag, {}, children);
}

/** An element of a class. */
export function classed(tag: Tag, name: string, ...children: readonly Content[]): Markup {
  return Markup.element(tag, { class: name }, children);
}

export interface HtmlColumn {
  readonly title: string;
  /** Numbers go to the right. */
  readonly number?: boolean;
}

export function htmlTable(columns: readonly HtmlColumn[], rows: readonly (readonly Content[])[]): Markup {
  const cell = (tag: 'td' | 'th', content: Content, { number }: HtmlColumn): Markup =>
    number ? classed(tag, 'number', content) : h(tag, content);
  return classed(
    'div',
    'table',
    h(
      'table',
      h('thead', h('tr', ...columns.map((column) => cell('th', column.title, column)))),
      h('tbody', ...rows.map((row) => h('tr', ...row.map((content, i) => cell('td', content, columns[i]))))),
    ),
  );
}

/** A chart with the sentence that it supports and the command that makes it again. */
export function figure(svg: string, sentence: Content, command: string): Markup {
  return h(
    'figure',
    Markup.chart(svg),
    h('figcaption', h('p', sentence), classed('p', 'command', h('code', command))),
  );
}

/** What is opened by who wants it. */
export function folded(title: string, ...content: readonly Content[]): Markup {
  return h('details', h('summary', title), ...content);
}
