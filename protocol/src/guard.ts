// Refusals that come before any rule: of a command id that was used for something else, of texts that are too long, of a canister
// that has too much open to begin something new.
import { ok, type Result, refuse } from '@tamc/base/result';
import { defineRefusals, type Refusal } from './refusal.ts';

/** Long enough for a UUID, a hash in hexadecimal digits, or a sentence that a person recognises. */
export const commandIdLengthMax = 64;

export const guardNo = defineRefusals({
  CommandIdInvalid: {
    kind: 'input',
    message: 'A command id has 1 to {max} characters; this one has {length}.',
    nextStep: 'Make a new random id, for example a UUID, and keep it for repetitions of this command.',
  },
  CommandIdReused: {
    kind: 'input',
    message: 'The command id {id} belongs to an earlier command of yours with other arguments.',
    nextStep: 'Repeat the earlier command exactly, or send this one with an id of its own.',
  },
  NoLongerKept: {
    kind: 'state',
    message: 'This command was done; what came of it, {subject}, is no longer kept.',
    nextStep: 'Do not send it again under another id. Look at what is there now, and at the events.',
  },
  TextTooLong: {
    kind: 'input',
    message: '{field} has {length} characters; at most {max} are taken.',
    nextStep: 'Shorten it and send it again.',
  },
  TextEmpty: { kind: 'input', message: '{field} is empty.', nextStep: 'Fill it in and send it again.' },
  CallsOpenTooMany: {
    kind: 'limit',
    message: '{open} calls to other canisters are open; at most {max} may be.',
    nextStep: 'Wait until some of them are answered, then repeat the command.',
  },
});

export function checkCommandId(id: string): Result<void, Refusal> {
  if (id.length >= 1 && id.length <= commandIdLengthMax) return ok(undefined);
  return refuse(guardNo('CommandIdInvalid', { max: commandIdLengthMax, length: id.length }));
}

/** Null when all texts are within their limits; else the refusal of the first that is not. */
export function textsRefusal(
  texts: Readonly<Record<string, readonly [text: string, lengthMax: number]>>,
): Refusal | null {
  for (const [field, [text, max]] of Object.entries(texts)) {
    if (text.length > max) return guardNo('TextTooLong', { field, length: text.length, max });
  }
  return null;
}
