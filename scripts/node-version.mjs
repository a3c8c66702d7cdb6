// Stops with a sentence on a Node that is too old. Written so that an old one can still read it.
const oldest = [20, 19];

export function assertNodeVersion() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return;
  console.error(
    `This needs Node ${oldest.join('.')} or newer; this is Node ${process.versions.node}. Get a current one from https://nodejs.org and run the same command again.`,
  );
  process.exit(1);
}
