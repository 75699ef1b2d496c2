import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';

export interface ScriptedServer {
  readonly url: string;
  close(): Promise<void>;
}

export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An HTTP server whose every answer is `script`'s. */
export async function startHttpServer(
  script: (request: ScriptedRequest, response: ServerResponse) => void,
): Promise<ScriptedServer> {
  const server = createHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      script({ method, path: url, headers, body: Buffer.concat(chunks).toString('utf8') }, response);
    });
  });
  return listening(server, () => server.closeAllConnections());
}

/** A server that says whatever `script` writes to each connection. */
export async function startTcpServer(script: (socket: Socket) => void): Promise<ScriptedServer> {
  const open = new Set<Socket>();
  const server = createTcpServer((socket) => {
    open.add(socket);
    socket.on('error', () => open.delete(socket));
    socket.on('close', () => open.delete(socket));
    script(socket);
  });
  return listening(server, () => {
    for (const socket of open) socket.destroy();
  });
}

async function listening(server: Server, cut: () => void): Promise<ScriptedServer> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}

/** `http://127.0.0.1:<port>` where nothing listens: a port that was free a moment ago. */
export async function urlOfNobody(): Promise<string> {
  const { url, close } = await startTcpServer((socket) => socket.destroy());
  await close();
  return url;
}
