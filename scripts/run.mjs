// Runs one program of the workspace and waits for it.
import { spawn } from 'node:child_process';
import { root } from './set-up.mjs';

/** Runs Node with these arguments in the root; Ctrl-C reaches the child, which decides what to do with it. */
export function runNode(args, options = {}) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', ...options });
  const ignore = () => {};
  process.on('SIGINT', ignore);
  const forward = () => child.kill('SIGTERM');
  process.on('SIGTERM', forward);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      process.off('SIGINT', ignore);
      process.off('SIGTERM', forward);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}

/** The script of a package's command, to run it without a shell in between. */
export function binOf(name, path) {
  return `${root}/node_modules/${name}/${path}`;
}
