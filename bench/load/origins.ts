// Both versions of the service, in one process: node bench/load/origins.ts PORT PORT SIZE
import { serveOrigin } from './origin.ts';

const [v1, v2, size] = process.argv.slice(2).map(Number);
await serveOrigin({ port: v1 ?? 0, size: size ?? 1_024, name: 'v1' });
await serveOrigin({ port: v2 ?? 0, size: size ?? 1_024, name: 'v2' });
