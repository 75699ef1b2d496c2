// Loaded with --import: writes the address of every module that is loaded to stderr when the process ends.
import { createRequire, register } from 'node:module';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';

const hooks = `
let port;
export function initialize(data) { port = data.port; }
export async function load(url, context, next) { port.postMessage(url); return next(url, context); }
`;
const { port1, port2 } = new MessageChannel();
port1.unref();
register(`data:text/javascript,${encodeURIComponent(hooks)}`, {
  data: { port: port2 },
  transferList: [port2],
});

process.on('exit', () => {
  const urls = [];
  for (
    let message = receiveMessageOnPort(port1);
    message !== undefined;
    message = receiveMessageOnPort(port1)
  ) {
    urls.push(message.message);
  }
  const required = Object.keys(createRequire(import.meta.url).cache).map((path) => `file://${path}`);
  process.stderr.write(`\nmodules: ${JSON.stringify([...urls, ...required])}\n`);
});
