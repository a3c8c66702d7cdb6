// Runs the bundled command with the machine code that V8 made of it when it was built: to make it anew takes a third of a start. Node's
// own cache for that begins with version 22. What V8 does not accept, because Node or its options are others, it makes anew.
const { readFileSync } = process.getBuiltinModule('node:fs');
const { Script, constants } = process.getBuiltinModule('node:vm');
const { createRequire } = process.getBuiltinModule('node:module');
const { dirname } = process.getBuiltinModule('node:path');

/** One for each version of Node that was used; beside the bundle, whose content is in its name. */
export function keptCodePath(bundle) {
  return `${bundle}.${process.version}-${process.arch}.code`;
}

/** What the bundle exports, whether V8 took the kept code for it, and what it has made of it so far. */
export function loadBundle(bundle) {
  const script = new Script(readFileSync(bundle, 'utf8'), {
    filename: bundle,
    cachedData: readIfThere(keptCodePath(bundle)),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(bundle), module, dirname(bundle));
  const isKeptUsed = script.cachedDataRejected === false;
  return { exports: module.exports, isKeptUsed, codeSoFar: () => script.createCachedData() };
}

function readIfThere(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
