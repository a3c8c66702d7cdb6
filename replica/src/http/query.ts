// …/query: runs a query at once and signs the answer with the node's key.
import { concatBytes } from '@tamc/base/bytes';
import { cborMap } from '../codec/cbor.ts';
import { type HashableValue, hashOfMap } from '../codec/hash-of-map.ts';
import { principalToBytes } from '../codec/principal.ts';
import { queryResponseDomain } from '../crypto/domain.ts';
import { errorCodeText, type Reject } from '../errors.ts';
import { admitMethod } from './admission.ts';
import type { Core, QueryAnswer } from './core.ts';
import { parseMethodEnvelope } from './envelope.ts';
import { createCborResponse, type HttpResponse, refusalToResponse } from './response.ts';
import type { Target } from './target.ts';

export async function answerQuery(core: Core, target: Target, body: Uint8Array): Promise<HttpResponse> {
  const envelope = parseMethodEnvelope(body, 'query');
  if (!envelope.ok) return refusalToResponse(envelope.error);
  const admitted = admitMethod(core, target, envelope.value);
  if (!admitted.ok) return refusalToResponse(admitted.error);
  const { canisterId, method, arg } = envelope.value.content;
  const { sender, senderInfo } = admitted.value;
  const answer = await core.query({ sender, senderInfo, canisterId, method, arg });
  return signAnswer(core, answer, envelope.value.requestId);
}

function signAnswer(core: Core, answer: QueryAnswer, requestId: Uint8Array): HttpResponse {
  const timestamp = core.nowNs();
  const fields = answerToFields(answer);
  const hash = hashOfMap(new Map([...fields, ['timestamp', timestamp], ['request_id', requestId]]));
  const signature = core.signAsNode(concatBytes(queryResponseDomain, hash));
  const signed = { timestamp, signature, identity: principalToBytes(core.subnet.nodeId) };
  return createCborResponse({ ...Object.fromEntries(fields), signatures: [cborMap(signed)] });
}

/** What is both signed and sent. */
function answerToFields(answer: QueryAnswer): Map<string, HashableValue> {
  if (answer.kind === 'rejected') return rejectToFields(answer.reject);
  return new Map<string, HashableValue>([
    ['status', 'replied'],
    ['reply', new Map([['arg', answer.arg]])],
  ]);
}

function rejectToFields({ code, message, error }: Reject): Map<string, HashableValue> {
  return new Map<string, HashableValue>([
    ['status', 'rejected'],
    ['reject_code', code],
    ['reject_message', message],
    // Clients hash the field whether it is there or not, so it always is; a canister's own reject is code 406.
    ['error_code', errorCodeText(error ?? 'canisterRejectedMessage')],
  ]);
}
