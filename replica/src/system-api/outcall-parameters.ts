// The Candid record that cost_http_request_v2 is asked with.
import { ok, type Result } from '@tamc/base/result';
import { decodeCandid, type Infer, nat32, nat64, opt, record, reserved, variant } from '../codec/candid.ts';
import type { OutcallKind, OutcallUse } from '../cycles/outcall-fees.ts';

const counts = record({ min_responses: nat32, max_responses: nat32, total_requests: nat32 });

const parameters = record({
  request_bytes: nat64,
  http_roundtrip_time_ms: nat64,
  raw_response_bytes: nat64,
  transformed_response_bytes: nat64,
  transform_instructions: nat64,
  outcall_type: opt(variant({ fully_replicated: reserved, non_replicated: reserved, flexible: opt(counts) })),
});

export interface OutcallParameters {
  readonly use: OutcallUse;
  readonly outcall: OutcallKind;
}

export function parseOutcallParameters(bytes: Uint8Array): Result<OutcallParameters, string> {
  const decoded = decodeCandid([parameters], bytes);
  if (!decoded.ok) return decoded;
  const [given] = decoded.value;
  return ok({
    use: {
      requestBytes: given.request_bytes,
      roundtripMs: given.http_roundtrip_time_ms,
      rawResponseBytes: given.raw_response_bytes,
      transformedResponseBytes: given.transformed_response_bytes,
      transformInstructions: given.transform_instructions,
    },
    outcall: outcallOf(given.outcall_type),
  });
}

type GivenOutcall = Infer<typeof parameters>['outcall_type'];

function outcallOf(given: GivenOutcall): OutcallKind {
  if (given === null || given.tag === 'fully_replicated') return { kind: 'fullyReplicated' };
  if (given.tag === 'non_replicated') return { kind: 'nonReplicated' };
  const { value } = given;
  if (value === null) return { kind: 'flexible', counts: null };
  const flexible = {
    minResponses: BigInt(value.min_responses),
    maxResponses: BigInt(value.max_responses),
    totalRequests: BigInt(value.total_requests),
  };
  return { kind: 'flexible', counts: flexible };
}
