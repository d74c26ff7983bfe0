// Reads a JSON list of playlists from standard input, parses each with hls-parser in strict mode, and writes the
// list of what it says against them, "" for nothing.
import { readFileSync } from 'node:fs';
import * as hls from 'hls-parser';

hls.setOptions({ strictMode: true, silent: true });

function complaint(text) {
  try {
    hls.parse(text);
    return '';
  } catch (error) {
    return String(error.message || error);
  }
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(complaint)));
