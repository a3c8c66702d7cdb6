// The curve of Ed25519 where the machine may have no cryptography of its own that answers at once: browsers. `package.json` says who
// loads which file, since making a key must not wait and loading must not ask.
export { ed25519 as curve } from '@noble/curves/ed25519';
