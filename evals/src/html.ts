// HTML as values: what is put into a template is escaped, unless it is HTML already.
export interface Html {
  readonly text: string;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** Also what turns the reading direction or cannot be seen: a page shows what is there. */
const special = /[&<>"']/g;
const unseen = /[\p{Cc}\p{Cf}]/gu;

export function html(parts: TemplateStringsArray, ...values: readonly (Html | string | number)[]): Html {
  return { text: parts.map((part, i) => part + (i < values.length ? toText(values[i]!) : '')).join('') };
}

export function join(items: readonly Html[]): Html {
  return { text: items.map(({ text }) => text).join('\n') };
}

/** For text of ours alone. */
export function raw(text: string): Html {
  return { text };
}

function toText(value: Html | string | number): string {
  return typeof value === 'object' ? value.text : escaped(String(value));
}

function escaped(text: string): string {
  const visible = text.replace(unseen, (char) => (char === '\n' || char === '\t' ? char : codeOf(char)));
  return visible.replace(special, (char) => entities[char] ?? char);
}

const codeOf = (char: string) => `[U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`;
