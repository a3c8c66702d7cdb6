// Shell (sockets): what is answered to bytes that are not an HTTP request, or not in time.
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

const statusOfError: Readonly<Record<string, readonly [status: string, text: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not arrive in time.'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers have more than 16 KiB.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['413 Payload Too Large', 'The chunk extensions are too large.'],
};
const notHttp = ['400 Bad Request', 'This is not an HTTP/1.1 request.'] as const;

/** Listener for the `clientError` event of Node's HTTP server. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  // Once an answer is being written on this socket another one cannot be put in between.
  if (error.code === 'ECONNRESET' || !socket.writable || hasAnswerUnderWay(socket)) {
    socket.destroy();
    return;
  }
  const [status, text] = statusOfError[error.code ?? ''] ?? notHttp;
  endSocket(socket, status, text);
}

/** The last words on a socket. */
export function endSocket(socket: Duplex, status: string, text: string): void {
  const head = [`HTTP/1.1 ${status}`, 'content-type: text/plain; charset=utf-8', `content-length: ${text.length}`];
  socket.end(`${head.join('\r\n')}\r\nconnection: close\r\n\r\n${text}`, () => socket.destroy());
}

function hasAnswerUnderWay(socket: Duplex): boolean {
  const { _httpMessage: message } = socket as Socket & { _httpMessage?: { headersSent: boolean } | null };
  return message?.headersSent === true;
}
