// Which packages are wanted, and whether they are there, by the lock file and npm's own record of what it installed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names what `tamc mcp` needs until a call needs a network: a tenth of all packages. */
export const servingPart = 'scripts/serving';

/** Null where there is none. npm writes its record as the last step of an install; a broken-off install leaves none. */
export function readPackages(root) {
  const read = (path) => {
    try {
      return JSON.parse(readFileSync(join(root, path), 'utf8')).packages;
    } catch {
      return null;
    }
  };
  return { wanted: read('package-lock.json'), found: read('node_modules/.package-lock.json') };
}

export function hasAll({ wanted, found }) {
  return wanted !== null && hasThose(wanted, found, Object.keys(wanted));
}

export function canServe({ wanted, found }) {
  return wanted !== null && hasThose(wanted, found, pathsUnder(wanted, servingPart));
}

/** Everything was installed once, perhaps by an older lock file: whoever works here is not left with a part of it. */
export function wasWhole({ found }) {
  return found !== null && 'node_modules/@tamc/stack' in found;
}

function hasThose(wanted, found, paths) {
  return (
    found !== null &&
    paths.every((path) => {
      const { version, optional, link } = wanted[path];
      return path === '' || optional === true || (link === true ? path in found : found[path]?.version === version);
    })
  );
}

/** This part, and everything that it stands on. */
export function pathsUnder(wanted, part) {
  const paths = new Set();
  const visit = (path) => {
    if (paths.has(path)) return;
    paths.add(path);
    const { link, resolved, dependencies, peerDependencies } = wanted[path];
    if (link === true) visit(resolved);
    for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
      const place = placeOf(wanted, path, name);
      // Some peers are for who wants them.
      if (place !== null) visit(place);
    }
  };
  visit(part);
  return [...paths];
}

/** As Node looks for it: in the nearest folder that has it. */
function placeOf(wanted, from, name) {
  const place = from === '' ? `node_modules/${name}` : `${from}/node_modules/${name}`;
  if (place in wanted) return place;
  if (from === '') return null;
  return placeOf(wanted, from.includes('/') ? from.slice(0, from.lastIndexOf('/')) : '', name);
}
