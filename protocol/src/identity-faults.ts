// What a persona may be called and where it may stand: judged alike before a birth is ordered, by the registry and by the machine.
import { identityLimits } from './identity.ts';
import { isPrintableLine, isReadableText, printableLineWanted, readableTextWanted } from './printable.ts';
import type { FieldFault } from './refusal.ts';
import { utf8Length } from './thing.ts';

const { kindCharsMax, makeCharsMax, placeCharsMax, charterBytesMax } = identityLimits;
const kindForm = new RegExp(`^[a-z0-9][a-z0-9-]{0,${kindCharsMax - 1}}$`);
const placeForm = new RegExp(`^[0-9b-hjkmnp-z]{1,${placeCharsMax}}$`);

export interface PersonaTexts {
  readonly kind: string;
  readonly make: string;
  readonly model: string;
  readonly place: string;
}

export function personaFault({ kind, make, model, place }: PersonaTexts): FieldFault | null {
  if (!kindForm.test(kind)) return { field: 'kind', wanted: `1 to ${kindCharsMax} lower-case letters, digits or -` };
  for (const [field, text] of Object.entries({ make, model })) {
    if (!isPrintableLine(text, makeCharsMax)) return { field, wanted: printableLineWanted(makeCharsMax) };
  }
  return placeForm.test(place) ? null : { field: 'place', wanted: `a geohash of 1 to ${placeCharsMax} characters` };
}

export function charterLengthFault(charter: string): FieldFault | null {
  const isShort = charter.length <= charterBytesMax && utf8Length(charter) <= charterBytesMax;
  return isShort ? null : { field: 'charter', wanted: `at most ${charterBytesMax} bytes` };
}

/** Reads each of its letters: costly for a canister. */
export function charterFault(charter: string): FieldFault | null {
  const tooLong = charterLengthFault(charter);
  if (tooLong !== null) return tooLong;
  return isReadableText(charter) ? null : { field: 'charter', wanted: readableTextWanted };
}
