// What can go wrong with a call, in the words of the protocol: a refusal of the canister passes through as it is; what the
// network or the way to it did gets a kind of its own that says whether anything can have happened.
import { AgentError, ErrorKindEnum } from '@dfinity/agent';
import type { Refusal, RefusalKind } from '@tamc/protocol/refusal';

/**
 * `unreachable`: nothing was done. `unknown`: it may have been done. `rejected`: the network did not take it, or the canister gave it
 * up, which undoes only what it did since it last called another. `untrusted`: an answer came whose certificate does not hold.
 */
export type CallErrorKind = RefusalKind | 'unreachable' | 'unknown' | 'rejected' | 'untrusted';

export interface CallError extends Omit<Refusal, 'kind'> {
  readonly kind: CallErrorKind;
  /** 1 to 6, as the specification numbers rejections; null where nothing was rejected. */
  readonly rejectCode: number | null;
}

/** Null when the error is not one of a call: a bug, which is not to be hidden. */
export function errorToCallError(error: unknown): CallError | null {
  if (!(error instanceof AgentError)) return null;
  const rejection = rejectionOf(error);
  if (rejection !== null) return rejection;
  if (isWithoutKeys(error)) return { ...unreachable, message: noKeys, rejectCode: null };
  return { ...kinds[error.kind], message: firstLine(error.message), rejectCode: null };
}

/**
 * A query was answered, but the keys to check its answer with could not be had. The library drops the reason, nearly always a
 * network that went away in between, and calls it a missing signature. Certificates and signatures that do not hold have codes of
 * their own. The answer is not believed, and a query did nothing.
 */
function isWithoutKeys({ code }: AgentError): boolean {
  return 'name' in code && code.name === 'MissingSignatureErrorCode';
}

const noKeys = 'the network went away before its answer could be checked';

type Row = Pick<CallError, 'kind' | 'code' | 'nextStep'>;

const unreachable: Row = {
  kind: 'unreachable',
  code: 'NetworkUnreachable',
  nextStep: 'Check that the network runs and its address, then try again: nothing was done.',
};
const unknown: Row = {
  kind: 'unknown',
  code: 'AnswerLost',
  nextStep:
    'It may have been done. Repeat it with the same command id: it is done once, and the answer tells how it ended.',
};
const untrusted: Row = {
  kind: 'untrusted',
  code: 'CertificateInvalid',
  nextStep: 'Do not believe this answer. Check which network this is, and its root key.',
};
const malformed: Row = {
  kind: 'input',
  code: 'ValueOutsideType',
  nextStep: 'Check the values against the types of the method.',
};

const kinds: Readonly<Record<ErrorKindEnum, Row>> = {
  [ErrorKindEnum.Trust]: untrusted,
  [ErrorKindEnum.Protocol]: unknown,
  [ErrorKindEnum.Reject]: unknown,
  [ErrorKindEnum.Transport]: unreachable,
  // An answer that is cut or is none: a query is asked again, an update may have been done.
  [ErrorKindEnum.External]: unreachable,
  [ErrorKindEnum.Limit]: unknown,
  [ErrorKindEnum.Input]: malformed,
  [ErrorKindEnum.Unknown]: unknown,
};

/**
 * Of an update that may have left: only a reject says how it ended. An earlier attempt whose answer was lost is not undone by the
 * reject of a later one.
 */
export function errorOfSentUpdate(
  error: CallError,
  { isRepeatable, isRepeated }: { readonly isRepeatable: boolean; readonly isRepeated: boolean },
): CallError {
  if (error.kind === 'rejected' && !isRepeated)
    return { ...error, ...(isGivenUp(error) && { nextStep: lookAfterTrap }) };
  if (error.kind === 'untrusted') return error;
  return {
    ...unknown,
    ...(!isRepeatable && { nextStep: lookFirst }),
    message: error.message,
    rejectCode: error.rejectCode,
  };
}

/** By the canister itself, 4 and 5 in the specification's numbers; the others are the system's, before it ran. */
function isGivenUp({ rejectCode }: CallError): boolean {
  return rejectCode !== null && rejectCode >= 4;
}

const lookAfterTrap =
  'Read the reason. If the canister trapped, that is a fault worth reporting; what it did before it called another canister stands, so look before you do it again.';
const lookFirst = 'It may have been done. Look whether it was before you do it again: a second time would do it twice.';

function rejectionOf({ code }: AgentError): CallError | null {
  if (!('rejectMessage' in code && 'rejectCode' in code)) return null;
  const errorCode = 'rejectErrorCode' in code && typeof code.rejectErrorCode === 'string' ? code.rejectErrorCode : null;
  return {
    kind: 'rejected',
    code: errorCode ?? `Reject${String(code.rejectCode)}`,
    message: String(code.rejectMessage),
    nextStep: 'Nothing was changed. Read the reason; if the canister trapped, that is a fault worth reporting.',
    rejectCode: Number(code.rejectCode),
  };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!;
}
