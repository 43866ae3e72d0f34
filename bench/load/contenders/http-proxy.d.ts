/** What the benchmark uses of http-proxy, which brings no types. */
declare module 'http-proxy' {
  import type { Agent, IncomingMessage, ServerResponse } from 'node:http';

  interface ProxyServer {
    on(
      event: 'error',
      handler: (error: Error, request: IncomingMessage, response: ServerResponse) => void,
    ): void;
    web(request: IncomingMessage, response: ServerResponse, options: { target: string }): void;
  }
  const httpProxy: {
    createProxyServer(options: {
      agent: Agent;
      xfwd: boolean;
      headers?: Readonly<Record<string, string>>;
    }): ProxyServer;
  };
  // biome-ignore lint/style/noDefaultExport: that is how the package exports it
  export default httpProxy;
}
