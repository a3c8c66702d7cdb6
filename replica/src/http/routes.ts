// The addresses of the HTTP interface: one table. Finding a route costs nothing worth naming and is done before a body
// is read.
import { ok, type Result, refuse } from '@tamc/base/result';
import { parsePrincipalText } from '../codec/principal.ts';
import { answerCall, type WaitForAnswer } from './call.ts';
import type { Core } from './core.ts';
import { answerQuery } from './query.ts';
import { answerReadState } from './read-state.ts';
import { closeToPages, createEmptyResponse, createTextResponse, type HttpResponse } from './response.ts';
import { answerStatus } from './status.ts';
import type { Target } from './target.ts';
import { answerTime, answerTurnTime } from './time.ts';
import { answerTopology } from './topology.ts';

export interface RouteContext {
  readonly core: Core;
  readonly replicaVersion: string;
  readonly waitForAnswer: WaitForAnswer;
}

type Answer = HttpResponse | Promise<HttpResponse>;

interface PlainRoute {
  readonly path: string;
  readonly answer: (context: RouteContext) => Answer;
  /** POST, where there is something to change. */
  readonly change?: (context: RouteContext, body: Uint8Array) => Answer;
  readonly isControl?: boolean;
}

interface TargetRoute {
  readonly versions: readonly Target['version'][];
  readonly scope: Target['scope'];
  readonly operation: string;
  readonly answer: (context: RouteContext, target: Target, body: Uint8Array) => Answer;
}

/** GET, and POST where it says so. */
const plainRoutes: readonly PlainRoute[] = [
  { path: '/', answer: ({ replicaVersion }) => createTextResponse(200, renderWelcome(replicaVersion)) },
  { path: '/api/v2/status', answer: ({ core, replicaVersion }) => answerStatus(core, replicaVersion) },
  { path: '/_/topology', answer: ({ core }) => answerTopology(core) },
  {
    path: '/_/time',
    answer: ({ core }) => answerTime(core),
    change: ({ core }, body) => answerTurnTime(core, body),
    isControl: true,
  },
];

/** POST /api/v<version>/<scope>/<id>/<operation> with a CBOR body. */
const targetRoutes: readonly TargetRoute[] = [
  { versions: [2, 3, 4], scope: 'canister', operation: 'call', answer: answerCallRoute },
  { versions: [4], scope: 'subnet', operation: 'call', answer: answerCallRoute },
  { versions: [2, 3], scope: 'canister', operation: 'query', answer: answerQueryRoute },
  { versions: [3], scope: 'subnet', operation: 'query', answer: answerQueryRoute },
  { versions: [2, 3], scope: 'canister', operation: 'read_state', answer: answerReadStateRoute },
  { versions: [2, 3], scope: 'subnet', operation: 'read_state', answer: answerReadStateRoute },
];

/** What is left to do once the address is known. The body counts only where `takesBody`. */
export interface Route {
  readonly takesBody: boolean;
  /** It obeys whoever reaches it, without a signature: web pages are kept away from it. */
  readonly isControl: boolean;
  answer(context: RouteContext, body: Uint8Array): Answer;
}

export function findRoute(method: string, path: string): Result<Route, HttpResponse> {
  const plain = plainRoutes.find((route) => route.path === path);
  const found = plain === undefined ? findTargetRoutes(path) : ok(plainToRoutes(plain));
  if (!found.ok) return found;
  const route = chooseRoute(found.value, method, path);
  return route.ok || plain?.isControl !== true ? route : refuse(closeToPages(route.error));
}

function chooseRoute(routes: readonly Route[], method: string, path: string): Result<Route, HttpResponse> {
  if (method === 'OPTIONS') return refuse(createEmptyResponse(204));
  const asked = method === 'HEAD' ? 'GET' : method;
  const route = routes.find((each) => each.takesBody === (asked === 'POST'));
  if (route !== undefined && (asked === 'GET' || asked === 'POST')) return ok(route);
  const allowed = routes.map(({ takesBody }) => (takesBody ? 'POST' : 'GET'));
  const allow = [...allowed, 'OPTIONS'].join(', ');
  return refuse(createTextResponse(405, `${path} takes ${allowed.join(' and ')}, not ${method}.`, { allow }));
}

/** One for each method that the address takes. */
function plainToRoutes({ answer, change, isControl = false }: PlainRoute): Route[] {
  const toRoute = (takesBody: boolean, run: Route['answer']): Route => ({
    takesBody,
    isControl,
    answer: isControl ? async (context, body) => closeToPages(await run(context, body)) : run,
  });
  return change === undefined ? [toRoute(false, answer)] : [toRoute(false, answer), toRoute(true, change)];
}

function findTargetRoutes(path: string): Result<Route[], HttpResponse> {
  const [, version, scope, idText, operation] = /^\/api\/v([234])\/(canister|subnet)\/([^/]+)\/(\w+)$/.exec(path) ?? [];
  const route = targetRoutes.find(
    (candidate) =>
      candidate.scope === scope &&
      candidate.operation === operation &&
      candidate.versions.some((known) => String(known) === version),
  );
  if (route === undefined || idText === undefined) return refuse(createTextResponse(404, renderUnknown(path)));
  const id = parsePrincipalText(idText);
  if (id === null) {
    const text = `"${idText.slice(0, 80)}" is not the text of a principal: use the form of aaaaa-aa or em77e-bvlzu-aq.`;
    return refuse(createTextResponse(400, text));
  }
  const target: Target = { scope: route.scope, id, version: versionOf(version) };
  return ok([{ takesBody: true, isControl: false, answer: (context, body) => route.answer(context, target, body) }]);
}

function versionOf(text: string | undefined): Target['version'] {
  if (text === '4') return 4;
  return text === '3' ? 3 : 2;
}

function answerCallRoute({ core, waitForAnswer }: RouteContext, target: Target, body: Uint8Array): Answer {
  return answerCall(core, waitForAnswer, target, body);
}

function answerQueryRoute({ core }: RouteContext, target: Target, body: Uint8Array): Answer {
  return answerQuery(core, target, body);
}

function answerReadStateRoute({ core }: RouteContext, target: Target, body: Uint8Array): Answer {
  return answerReadState(core, target, body);
}

function renderWelcome(replicaVersion: string): string {
  const addresses = targetRoutes.flatMap(({ versions, scope, operation }) =>
    versions.map((version) => `  POST /api/v${version}/${scope}/<id>/${operation}`),
  );
  return [
    `An embedded Internet Computer, version ${replicaVersion}.`,
    'Point an agent (@dfinity/agent, @icp-sdk/core, ic-agent) at this address and let it fetch the root key.',
    '',
    '  GET  /api/v2/status',
    '  GET  /_/topology',
    '  GET  /_/time',
    '  POST /_/time',
    ...addresses,
    '',
  ].join('\n');
}

function renderUnknown(path: string): string {
  return `There is nothing at ${path.slice(0, 200)}. GET / lists what there is.`;
}
