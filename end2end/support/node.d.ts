// Types of the parts of Node.js that the tests use. `@types/node` would replace this file.

declare const __dirname: string;
declare const require: { resolve(module: string): string };
declare const process: {
  env: Record<string, string | undefined>;
  execPath: string;
  getuid?: () => number;
};

/** The only methods of streams that are needed. */
interface Pipe {
  pipe<T extends Pipe>(destination: T): T;
  on(event: 'error', listener: (error: Error) => void): this;
  destroy(): void;
  readonly destroyed: boolean;
}

declare module 'node:child_process' {
  export interface ChildProcess {
    kill(signal: string): boolean;
  }
  export function execFileSync(file: string, args: string[], options: { encoding: 'utf8' }): string;
  export function spawn(
    command: string,
    options: { cwd: string; env: Record<string, string | undefined>; stdio: 'ignore' },
  ): ChildProcess;
}

declare module 'node:crypto' {
  interface Digest<T> {
    update(data: string | ArrayBufferView): T;
    digest(): Uint8Array;
    digest(encoding: 'hex'): string;
  }
  export interface Hash extends Digest<Hash> {}
  export interface Hmac extends Digest<Hmac> {}
  export function createHash(algorithm: string): Hash;
  export function createHmac(algorithm: string, key: Uint8Array): Hmac;
}

declare module 'node:events' {
  export function once(emitter: object, event: string): Promise<unknown[]>;
}

declare module 'node:fs' {
  export function existsSync(path: string): boolean;
  export function mkdirSync(path: string, options: { recursive: boolean }): void;
  export function mkdtempSync(prefix: string): string;
  export function readFileSync(path: string, encoding: 'utf8'): string;
  export function rmSync(path: string, options: { recursive: boolean }): void;
  export function writeFileSync(path: string, data: string, options?: { flag: 'wx' }): void;
}

declare module 'node:http' {
  import type { Server as TcpServer } from 'node:net';
  type Headers = Record<string, string | string[] | undefined>;
  export interface IncomingMessage extends Pipe {
    url?: string;
    method?: string;
    statusCode?: number;
    headers: Headers & { host?: string };
    resume(): this;
  }
  export interface ServerResponse extends Pipe {
    setHeader(name: string, value: string): this;
    writeHead(status: number, headers: Headers): this;
    end(body: string): this;
  }
  export interface Server extends TcpServer {
    closeAllConnections(): void;
  }
  export function createServer(listener: (request: IncomingMessage, response: ServerResponse) => void): Server;
  export function request(
    options: { host: string; port: string; path: string; method?: string; headers: Headers },
    callback: (response: IncomingMessage) => void,
  ): Pipe;
}

declare module 'node:net' {
  export interface AddressInfo {
    port: number;
  }
  export interface Server {
    listen(port: number, host: string, listener?: () => void): this;
    address(): AddressInfo | string | null;
    close(): this;
  }
  export function createServer(): Server;
}

declare module 'node:os' {
  export function tmpdir(): string;
}

declare module 'node:path' {
  export function join(...paths: string[]): string;
  export function resolve(...paths: string[]): string;
}
