// Text that others wrote (names, memos, labels, reasons) on its way to an assistant: marked as such, on one line, bounded, and
// without the characters that hide or end the mark. It is data; nothing in it is an instruction.

const opening = '⟦written by others: ';
const closing = '⟧';
const defaultCharsMax = 200;

/** Controls, line ends, and characters that show nothing or turn the reading direction: text that a person would not see. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|\p{Variation_Selector}/gu;

export function fence(text: string, charsMax = defaultCharsMax): string {
  const visible = text
    .replace(/[\r\n\t]+/g, ' ')
    .replace(unseen, '')
    .replace(/[⟦⟧]/g, '?')
    .trim();
  const chars = Array.from(visible);
  const shown = chars.length > charsMax ? `${chars.slice(0, charsMax).join('')}…` : visible;
  return `${opening}${shown}${closing}`;
}

/** One short word of plain letters says nothing to follow: a kind, a geohash, the name of an action. It stands without marks. */
const plainWord = /^[a-z0-9][a-z0-9-]{0,15}$/;

export function fenceUnlessWord(text: string): string {
  return plainWord.test(text) ? text : fence(text, 64);
}

/** The text inside the fence: for tests and graders. */
export function unfence(fenced: string): string | null {
  if (!fenced.startsWith(opening) || !fenced.endsWith(closing)) return null;
  return fenced.slice(opening.length, -closing.length);
}
