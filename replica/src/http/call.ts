// …/call: hands an update call to the replica. v2 answers 202 at once; v3 and v4 wait for the certificate of the
// outcome.
import { bytesToHex, parseHex, textToBytes } from '@tamc/base/bytes';
import { errorCodeText, type Reject } from '../errors.ts';
import { admitMethod } from './admission.ts';
import type { Core, IngressCall } from './core.ts';
import { parseMethodEnvelope } from './envelope.ts';
import { callArgumentByteCountMax } from './limits.ts';
import {
  createCborResponse,
  createEmptyResponse,
  type HttpResponse,
  type Refusal,
  refusalToResponse,
} from './response.ts';
import type { Target } from './target.ts';

/** True when `work` was done before the implementation's time for a synchronous answer was up. */
export type WaitForAnswer = (work: Promise<void>) => Promise<boolean>;

export async function answerCall(
  core: Core,
  waitForAnswer: WaitForAnswer,
  target: Target,
  body: Uint8Array,
): Promise<HttpResponse> {
  const envelope = parseMethodEnvelope(body, 'call');
  if (!envelope.ok) return refusalToResponse(envelope.error);
  const { content, requestId } = envelope.value;
  if (content.arg.length > callArgumentByteCountMax) return refusalToResponse(refuseArgument(content.arg.length));
  const admitted = admitMethod(core, target, envelope.value);
  if (!admitted.ok) return refusalToResponse(admitted.error);
  const { canisterId, method, arg, expiryNs } = content;
  const id = bytesToHex(requestId);
  const call = { requestId: id, ...admitted.value, canisterId, effectiveId: target.id, method, arg, expiryNs };
  return target.version === 2 ? submitAsynchronously(core, call) : submitAndWait(core, waitForAnswer, call);
}

function submitAsynchronously(core: Core, call: IngressCall): HttpResponse {
  const submission = core.submit(call);
  if (submission.kind === 'refused') return createCborResponse(rejectToFields(submission.reject));
  // Nobody here waits for the outcome. When it cannot be written, whoever asks for it later is told.
  submission.answered.catch(() => undefined);
  return createEmptyResponse(202);
}

async function submitAndWait(core: Core, waitForAnswer: WaitForAnswer, call: IngressCall): Promise<HttpResponse> {
  const submission = core.submit(call);
  if (submission.kind === 'refused') {
    return createCborResponse({ status: 'non_replicated_rejection', ...rejectToFields(submission.reject) });
  }
  if (!(await waitForAnswer(submission.answered))) return createEmptyResponse(202);
  const path = [textToBytes('request_status'), parseHex(call.requestId)!];
  // Also for a certified rejection: the outcome stands in the certificate, not beside it.
  return createCborResponse({ status: 'replied', certificate: await core.certificate([path]) });
}

function rejectToFields({ code, message, error }: Reject) {
  return {
    reject_code: code,
    reject_message: message,
    error_code: error === null ? undefined : errorCodeText(error),
  };
}

function refuseArgument(byteCount: number): Refusal {
  const text =
    `The argument of the call has ${byteCount} bytes; an update call carries at most ${callArgumentByteCountMax}. ` +
    'Install a large module with upload_chunk and install_chunked_code.';
  return { status: 413, text };
}
