// UTF-8 by native code. Azle offers no coder for it, but a native one for Candid text, whose value form of a text holds its UTF-8
// at the end: six times cheaper than the interpreted loop.
import { setTextCoder } from '@tamc/base/utf8';
import { candidEncode } from 'azle';

/** `DIDL`, no types, one argument, of type text. */
const headBytes = 7;

/** JSON and Candid write a text without control characters in the same way. */
export function useNativeTextCoder(): void {
  setTextCoder((text) => {
    const encoded = candidEncode(`(${JSON.stringify(text)})`);
    let at = headBytes;
    while (encoded[at]! >= 0x80) at++;
    return encoded.slice(at + 1);
  });
}
