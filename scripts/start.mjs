// `npm start`: the command `tamc start`, which sets up first where that is needed.
process.argv.splice(2, 0, 'start');
await import('../stack/bin/tamc.mjs');
