// A real engine behind llama-server's form of API:
//   node dist/main.js [--port N] [--threads N] [--context N] [--cache-prompt] NAME=FILE.gguf …
//   node dist/main.js --check      ends with 0 where the engine runs on this machine, with 69 and the reason where not
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { NoBinaryFoundError } from 'node-llama-cpp';
import { openEngine, openLlama } from './engine.ts';
import { createChatServer } from './http-server.ts';

/** Source: sysexits.h, EX_UNAVAILABLE. */
const UNAVAILABLE = 69;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: 'string', default: '0' },
    // More than the cores that are free make ggml's barriers spin: hundreds of times slower.
    threads: { type: 'string', default: '1' },
    context: { type: 'string', default: '2048' },
    'cache-prompt': { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
  },
});

await (values.check ? check() : serve());

async function check(): Promise<void> {
  try {
    const llama = await openLlama();
    await llama.dispose();
  } catch (thrown) {
    if (!(thrown instanceof NoBinaryFoundError)) throw thrown;
    process.stdout.write(`node-llama-cpp has no binary for ${process.platform}-${process.arch}\n`);
    process.exitCode = UNAVAILABLE;
  }
}

async function serve(): Promise<void> {
  const models = positionals.map((given) => {
    const [name = '', ...path] = given.split('=');
    return { name, path: path.join('=') };
  });
  const threads = Number(values.threads);
  const engine = await openEngine({ models, threads, context_tok: Number(values.context) });
  const server = createChatServer(engine, { cachePrompt: values['cache-prompt'] });
  server.listen(Number(values.port), '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  process.stdout.write(`http://127.0.0.1:${port}\n`);
  process.once('SIGTERM', () => {
    server.closeAllConnections();
    server.close();
    void engine.close();
  });
}
