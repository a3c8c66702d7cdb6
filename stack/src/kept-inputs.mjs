// Remembers what the files were that something was made from, to tell later whether it must be made again.
// A file counts as unchanged by its size and time, or, when these differ, by its content.

// As a value, because every start of `tamc` comes here: an import statement would load more of Node than is used.
const { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } =
  process.getBuiltinModule('node:fs');

/** Paths are relative to the root, so that a checkout can be moved. */
export function writeKeptInputs(manifestPath, root, paths, details = {}) {
  const inputs = Object.fromEntries([...new Set(paths)].sort().map((path) => [path, describe(`${root}/${path}`)]));
  writeWhole(manifestPath, JSON.stringify({ ...details, inputs }, null, 1));
}

/** What was written with the inputs when all of them are still the same, else null. */
export function readKeptInputs(manifestPath, root) {
  const manifest = readJson(manifestPath);
  if (typeof manifest?.inputs !== 'object') return null;
  const { inputs, ...details } = manifest;
  let isTouched = false;
  for (const [path, kept] of Object.entries(inputs)) {
    const { size, modifiedMs } = readStat(`${root}/${path}`);
    if (size === kept.size && modifiedMs === kept.modifiedMs) continue;
    if (hashOf(`${root}/${path}`) !== kept.hash) return null;
    isTouched = true;
  }
  if (isTouched) rememberTimes(() => writeKeptInputs(manifestPath, root, Object.keys(inputs), details));
  return details;
}

/** It only spares the next one a look at contents: where it cannot be written, that one looks again. */
function rememberTimes(write) {
  try {
    write();
  } catch {}
}

/** Two may write at once, and the power may fail: a reader sees the old file or the new one, never half of one. */
export function writeWhole(path, content) {
  const unfinished = `${path}.${process.pid}`;
  try {
    writeFileSync(unfinished, content);
    toDisk(unfinished);
    renameSync(unfinished, path);
  } catch (error) {
    removeIfPossible(unfinished);
    throw error;
  }
}

function removeIfPossible(path) {
  try {
    rmSync(path, { force: true });
  } catch {}
}

/** Waits until the content lies there, should the power fail next. */
export function toDisk(path) {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function describe(path) {
  return { ...readStat(path), hash: hashOf(path) };
}

function readStat(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  return { size: stat?.size ?? -1, modifiedMs: stat?.mtimeMs ?? -1 };
}

/** A missing file has a hash too: when it appears, that is a change. */
function hashOf(path) {
  const { createHash } = process.getBuiltinModule('node:crypto');
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch {
    return 'missing';
  }
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
