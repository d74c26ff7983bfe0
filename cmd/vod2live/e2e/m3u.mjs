// Reads an M3U list from standard input as iptv-playlist-parser does, and writes it as JSON.
import { readFileSync } from 'node:fs';
import parser from 'iptv-playlist-parser';

process.stdout.write(JSON.stringify(parser.parse(readFileSync(0, 'utf8'))));
