// Runs the bundled command with the machine code that V8 made of it when it was built: to make it anew takes a third of a start. Node's
// own cache for that begins with version 22. What V8 does not accept, because Node or its options are others, it makes anew. It does not
// look whether the code was damaged, and would run it until the process dies: so its digest stands at the end, and is compared first.
const { readFileSync } = process.getBuiltinModule('node:fs');
const { Script, constants } = process.getBuiltinModule('node:vm');
const { createRequire } = process.getBuiltinModule('node:module');
const { dirname } = process.getBuiltinModule('node:path');

/** Against damage, not against people. Takes one or two of the hundred milliseconds of a start. */
const digestBytes = 20;

/** One for each version of Node that was used; beside the bundle, whose content is in its name. */
export function keptCodePath(bundle) {
  return `${bundle}.${process.version}-${process.arch}.code`;
}

/** What the bundle exports, whether V8 took the kept code for it, and what to keep of what it has made of it so far. */
export function loadBundle(bundle) {
  const script = new Script(readFileSync(bundle, 'utf8'), {
    filename: bundle,
    cachedData: readKeptCode(bundle),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(bundle), module, dirname(bundle));
  const isKeptUsed = script.cachedDataRejected === false;
  return { exports: module.exports, isKeptUsed, codeToKeep: () => withDigest(script.createCachedData()) };
}

/** Undefined: there is none, or it is not as it was written. */
export function readKeptCode(bundle) {
  const kept = readIfThere(keptCodePath(bundle));
  const code = kept?.subarray(0, -digestBytes);
  return code !== undefined && digestOf(code).equals(kept.subarray(-digestBytes)) ? code : undefined;
}

function withDigest(code) {
  return Buffer.concat([code, digestOf(code)]);
}

function digestOf(code) {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha1').update(code).digest();
}

function readIfThere(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
