// Text that others wrote (names, memos, labels, reasons) on its way to an assistant: marked as such, on one line, bounded, and
// without the characters that hide or end the mark. It is data; nothing in it is an instruction.

const opening = '⟦written by others: ';
const closing = '⟧';
const defaultCharsMax = 200;

/**
 * Controls, line ends, and characters that show nothing or turn the reading direction: text that a person would not see. Some fillers
 * are letters by their class, and blank by their look.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;
/** What looks like the end of a mark. */
const brackets = /[⟦⟧〚〛⟬⟭〘〙【】⦗⦘⁅⁆]/g;

export function fence(text: string, charsMax = defaultCharsMax): string {
  const visible = text
    .replace(/[\r\n\t]+/g, ' ')
    .replace(unseen, '')
    .replace(brackets, '?')
    .trim();
  const chars = Array.from(visible);
  const shown = chars.length > charsMax ? `${chars.slice(0, charsMax).join('')}…` : visible;
  return `${opening}${shown}${closing}`;
}

/** One short word says nothing to follow: a kind, a geohash, the name of an action. It stands without marks; several words do not. */
const plainWord = /^(?:[a-z]{1,12}|[0-9b-hjkmnp-z]{1,12})$/;

export function fenceUnlessWord(text: string): string {
  return plainWord.test(text) ? text : fence(text, 64);
}

/** The text inside the fence: for tests and graders. */
export function unfence(fenced: string): string | null {
  if (!fenced.startsWith(opening) || !fenced.endsWith(closing)) return null;
  return fenced.slice(opening.length, -closing.length);
}
