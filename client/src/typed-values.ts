// Whether values fit the types of a method: looked at before anything is sent, so that whoever calls is told what to mend.
import { IDL } from '@dfinity/candid';

/** Null where they fit; else what is wrong. */
export function faultOfValues({ argTypes }: IDL.FuncClass, values: readonly unknown[]): string | null {
  if (values.length !== argTypes.length) return `it takes ${argTypes.length} values, and ${values.length} were given`;
  try {
    // Only encoding tells all: the library's check of a value lets variants pass that it then cannot write.
    IDL.encode(argTypes, [...values]);
    return null;
  } catch (error) {
    return innermost(error instanceof Error ? error.message : String(error));
  }
}

/** As much as names a field and shows a value; the library would print whole modules. */
const faultCharsMax = 200;

/** The library tells the fault of each type around a value, outermost first. */
function innermost(message: string): string {
  const faults = message.split('\n\n').filter((fault) => fault.trim() !== '');
  return (faults.at(-1) ?? 'they do not fit').replace(/^-> /, '').slice(0, faultCharsMax);
}
