// The few lines of JavaScript that stand in front of a canister class and hand it to Azle's interpreter module. They run
// in the canister, at every start of its heap, and once during the build, where they also tell Candid and method list.

/** Starts the message of an error that this prelude raises itself, so that the build can tell it from the canister's. */
export const classMissing = 'the default export is not a canister class';

/** What is imported from Azle, by the canister and here. */
export const ofAzle = /^azle(\/|$)/;

export function renderPrelude(entryFile: string): string {
  return `
import 'azle/_internal/globals';
import { getDefaultVisitorData, IDL, idlToString } from 'azle';
import * as canister from ${JSON.stringify(`./${entryFile}`)};

// What its stable memory holds, where the canister says so: an upgrade is compared with it before it is applied.
const { ['layout']: layout = null } = canister;

const classes = [canister.default].flat();
if (!classes.every((item) => typeof item === 'function' && /^class\\b/.test(String(item)))) {
  throw new Error(${JSON.stringify(classMissing)});
}

const meta = {
  callbacks: {},
  canisterMethodIdlParamTypes: {},
  canisterMethodsIndex: 0,
  initAndPostUpgradeIdlTypes: [],
  methodMeta: { queries: [], updates: [] },
};
for (const item of classes) {
  item._azleCanisterClassMeta = meta;
  new item();
}
globalThis._azleDispatch({
  type: 'SET_AZLE_CANISTER_CLASS_META',
  payload: meta,
  location: { filepath: 'prelude', functionName: '' },
});

globalThis._azleGetCandidAndMethodMeta = () => {
  const visible = [...meta.methodMeta.queries, ...meta.methodMeta.updates].filter((method) => !method.hidden);
  const names = new Set(visible.map((method) => method.name));
  for (const { name, composite } of meta.methodMeta.queries) {
    // Azle itself writes \`query\` for both kinds, which tells a canister that it may call this one.
    if (composite) meta.canisterMethodIdlParamTypes[name].annotations = ['composite_query'];
  }
  const types = Object.entries(meta.canisterMethodIdlParamTypes).filter(([name]) => names.has(name));
  const candid = idlToString(IDL.Service(Object.fromEntries(types)), {
    ...getDefaultVisitorData(),
    isFirstService: true,
    initAndPostUpgradeParamIdlTypes: meta.initAndPostUpgradeIdlTypes,
  });
  return JSON.stringify({ candid, methodMeta: meta.methodMeta, layout: typeof layout === 'string' ? layout : null });
};
`;
}
