// Who may read which path of the state tree, where: the table of SPEC/https-interface, "Request: Read state", as data.
import { bytesToHex, parseText } from '@tamc/base/bytes';
import { type Principal, parsePrincipalBytes, principalToText } from '../codec/principal.ts';
import type { Core, Path } from './core.ts';
import { badRequest, type Refusal } from './response.ts';
import type { Target } from './target.ts';

export interface Reader {
  readonly sender: Principal;
  /** The only canisters that the sender's delegations are good for; null = all. */
  readonly delegationTargets: ReadonlySet<Principal> | null;
  readonly target: Target;
}

/** Refuses, or returns null; gets the labels that stand where the pattern has stars. */
type Check = (core: Core, reader: Reader, stars: Path) => Refusal | null;

interface Rule {
  readonly pattern: string;
  readonly scope: Target['scope'] | 'both';
  readonly check: Check;
}

const anyone: Check = () => null;

export const readRules: readonly Rule[] = [
  { pattern: 'time', scope: 'both', check: anyone },
  { pattern: 'api_boundary_nodes', scope: 'both', check: anyone },
  { pattern: 'api_boundary_nodes/*', scope: 'both', check: anyone },
  { pattern: 'api_boundary_nodes/*/domain', scope: 'both', check: anyone },
  { pattern: 'api_boundary_nodes/*/ipv4_address', scope: 'both', check: anyone },
  { pattern: 'api_boundary_nodes/*/ipv6_address', scope: 'both', check: anyone },
  { pattern: 'canister_ranges/*', scope: 'subnet', check: anyone },
  { pattern: 'subnet', scope: 'both', check: anyone },
  { pattern: 'subnet/*', scope: 'both', check: anyone },
  { pattern: 'subnet/*/public_key', scope: 'both', check: anyone },
  { pattern: 'subnet/*/type', scope: 'both', check: anyone },
  { pattern: 'subnet/*/node', scope: 'both', check: anyone },
  { pattern: 'subnet/*/node/*', scope: 'both', check: anyone },
  { pattern: 'subnet/*/node/*/public_key', scope: 'both', check: anyone },
  { pattern: 'subnet/*/canister_ranges', scope: 'both', check: checkFlatRanges },
  { pattern: 'subnet/*/metrics', scope: 'subnet', check: checkOwnId },
  { pattern: 'request_status/*', scope: 'both', check: checkRequest },
  { pattern: 'request_status/*/status', scope: 'both', check: checkRequest },
  { pattern: 'request_status/*/reply', scope: 'both', check: checkRequest },
  { pattern: 'request_status/*/reject_code', scope: 'both', check: checkRequest },
  { pattern: 'request_status/*/reject_message', scope: 'both', check: checkRequest },
  { pattern: 'request_status/*/error_code', scope: 'both', check: checkRequest },
  { pattern: 'canister/*/module_hash', scope: 'canister', check: checkOwnId },
  { pattern: 'canister/*/controllers', scope: 'canister', check: checkOwnId },
  { pattern: 'canister/*/canister_creation_timestamp', scope: 'canister', check: checkOwnId },
  { pattern: 'canister/*/last_install_timestamp', scope: 'canister', check: checkOwnId },
  { pattern: 'canister/*/metadata/*', scope: 'canister', check: checkMetadata },
];

const compiledRules = readRules.map((rule) => ({ ...rule, labels: rule.pattern.split('/') }));

/** Null when the reader may read all of the paths. */
export function checkPaths(core: Core, reader: Reader, paths: readonly Path[]): Refusal | null {
  for (const path of paths) {
    const refusal = checkPath(core, reader, path);
    if (refusal !== null) return refusal;
  }
  return checkOneOfEach(paths, 'request_status') ?? checkOneOfEach(paths, 'canister_ranges');
}

function checkPath(core: Core, reader: Reader, path: Path): Refusal | null {
  const texts = path.map(labelToText);
  for (const { scope, labels, check } of compiledRules) {
    if (scope !== 'both' && scope !== reader.target.scope) continue;
    if (labels.length !== texts.length || !labels.every((label, i) => label === '*' || label === texts[i])) continue;
    return check(
      core,
      reader,
      path.filter((_, i) => labels[i] === '*'),
    );
  }
  const where = `at /api/v${reader.target.version}/${reader.target.scope}/…/read_state`;
  return { status: 404, text: `Invalid path requested: no such path can be read ${where}: /${renderPath(path)}` };
}

/** All paths below /request_status must name one request, all paths below /canister_ranges one subnet. */
function checkOneOfEach(paths: readonly Path[], root: string): Refusal | null {
  const ids = new Set(paths.filter(([first]) => labelToText(first!) === root).map((path) => bytesToHex(path[1]!)));
  return ids.size <= 1 ? null : badRequest(`All paths below /${root} must share one id; send one request for each id.`);
}

function checkFlatRanges(core: Core, { target }: Reader, [subnet]: Path): Refusal | null {
  if (target.version === 2 || bytesToHex(subnet!) === core.subnet.subnetId) return null;
  return { status: 404, text: 'Invalid path requested: read /canister_ranges/<subnet id> instead.' };
}

function checkOwnId(_: Core, { target }: Reader, [id]: Path): Refusal | null {
  const requested = parsePrincipalBytes(id!);
  if (requested === null) return badRequest('A principal in a path is longer than 29 bytes.');
  if (requested === target.id) return null;
  return badRequest(
    `Effective principal id in URL ${principalToText(target.id)} does not match requested principal id: ` +
      `${principalToText(requested)}.`,
  );
}

function checkMetadata(core: Core, reader: Reader, [id, name]: Path): Refusal | null {
  const text = parseText(name!);
  if (text === null) return badRequest('Could not parse the custom section name: it is not UTF-8.');
  const refusal = checkOwnId(core, reader, [id!]);
  if (refusal !== null) return refusal;
  if (core.metadataVisibility(reader.target.id, text) !== 'private') return null;
  if (core.controllersOf(reader.target.id).includes(reader.sender)) return null;
  const section = text.slice(0, 100);
  return {
    status: 403,
    text: `Custom section ${section} can only be requested by the controllers of the canister.`,
  };
}

function checkRequest(core: Core, reader: Reader, [id]: Path): Refusal | null {
  if (id!.length !== 32) return badRequest(`Invalid request id in paths: it has ${id!.length} bytes instead of 32.`);
  const record = core.requestRecord(bytesToHex(id!));
  if (record === null) return null;
  if (record.sender !== reader.sender) return forbidden('Request ID not signed by the caller.');
  if (record.effectiveId !== reader.target.id) {
    return forbidden(
      `Request ID that was submitted to ${principalToText(record.effectiveId)}, ` +
        `not to the id in the URL ${principalToText(reader.target.id)}.`,
    );
  }
  const { delegationTargets } = reader;
  if (delegationTargets === null || delegationTargets.has(record.canisterId)) return null;
  return forbidden('request IDs for canisters not belonging to sender delegation targets.');
}

function forbidden(what: string): Refusal {
  return { status: 403, text: `The user tries to access ${what}` };
}

function labelToText(label: Uint8Array): string {
  // No fixed label is longer than this; latin1 is exact for comparing with ASCII.
  return label.length > 40 ? '' : Buffer.from(label.buffer, label.byteOffset, label.length).toString('latin1');
}

/** A few labels, as text where they are plain ASCII. */
function renderPath(path: Path): string {
  const labels = path.slice(0, 6).map((label) => {
    const text = labelToText(label);
    return /^[\w:. -]+$/.test(text) ? text : `0x${bytesToHex(label.subarray(0, 32))}`;
  });
  return path.length > 6 ? `${labels.join('/')}/…` : labels.join('/');
}
