// A proxy that delays the answers to posts, as a slow connection does.

import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Starts a proxy on another port of the same host, which therefore shares the site's cookies. Posts
 * reach the site at once, and the answer to the nth post to a path is delayed by `delayOf(nth)` ms.
 */
export async function startSlowProxy(site: URL, delayOf: (nth: number) => number) {
  const posts = new Map<string, number>();
  const delayed: Promise<void>[] = [];
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '/';
    const nth = incoming.method === 'POST' ? (posts.get(path) ?? 0) + 1 : 0;
    if (nth) posts.set(path, nth);
    const origin = `http://${incoming.headers.host}`;
    const headers = Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [name, typeof value === 'string' ? value.replace(origin, site.origin) : value]),
    );
    headers.host = site.host;
    // The site answers even if the browser has closed its connection.
    const forwarded = request({ host: '127.0.0.1', port: site.port, path, method: incoming.method, headers }, (answer) => {
      const send = () => {
        if (outgoing.destroyed) return void answer.resume();
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      };
      if (nth === 0) return send();
      delayed.push(new Promise((resolve) => setTimeout(() => (send(), resolve()), delayOf(nth))));
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    /** How many posts to a path have arrived. */
    posts: (path: string) => posts.get(path) ?? 0,
    close: async () => {
      await Promise.all(delayed);
      server.closeAllConnections();
      server.close();
    },
  };
}
