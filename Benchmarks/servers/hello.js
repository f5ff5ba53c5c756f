// The least that node:http can do for a request.
import { createServer } from 'node:http';

createServer((request, response) => response.end('hello')).listen(Number(process.argv[2]), '127.0.0.1');
