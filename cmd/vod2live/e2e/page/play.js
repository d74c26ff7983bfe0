import { Recorder } from './record.js';
import { players } from './players.js';
import { watchSync } from './sync.js';

const query = new URLSearchParams(location.search);
const video = Object.assign(document.createElement('video'), { playsInline: true, width: 480, height: 270 });
document.getElementById('stage').append(video);

const number = (name) => Number(query.get(name) ?? 0);
const recorder = new Recorder(video, {
  advance: number('advance'), loop: number('loop'), points: number('points'), epoch: number('epoch'), breaks: number('breaks'),
  text: query.has('text'),
  rate: number('rate'), edge: number('edge'), ends: query.has('ends'), seeks: query.getAll('seek').map(Number),
});
window.play = recorder;
if (query.has('sync')) watchSync(video, recorder.figures);
addEventListener('unhandledrejection', ({ reason }) => recorder.fail(reason?.message ?? reason));
setInterval(() => {
  const { fragments, shown: samples, ...figures } = recorder.figures;
  const shown = { player: query.get('player'), fragments: fragments.length, shown: samples.slice(-1), ...figures };
  document.getElementById('figures').textContent = JSON.stringify(shown, null, 1);
}, 500);

players[query.get('player')](video, {
  src: query.get('src'),
  recorder,
  switchEvery: number('switch'),
  languageEvery: number('language'),
  behind: number('behind'),
  sends: query.getAll('sends'),
}).catch((error) => recorder.fail(error.message));
