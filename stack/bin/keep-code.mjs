// Runs the bundled command for as long as standard input says, and keeps what V8 made of it: `keep-code.mjs BUNDLE WORDS…`.
import { writeWhole } from '../src/kept-inputs.mjs';
import { keptCodePath, loadBundle } from './load-bundle.mjs';

const [bundle, ...words] = process.argv.slice(2);
const { exports: command, codeToKeep } = loadBundle(bundle);
process.once('exit', () => writeWhole(keptCodePath(bundle), codeToKeep()));
await command.main(words);
