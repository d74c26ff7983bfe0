// The players: each plays a live stream in a video element and reports to a recorder.

function load(script) {
  return new Promise((resolve, reject) => {
    const tag = Object.assign(document.createElement('script'), { src: script, onload: resolve });
    tag.onerror = () => reject(new Error(`${script} is not there`));
    document.head.append(tag);
  });
}

// alternate calls a function with 0, 1, 0, 1 … every so many seconds, never if that is 0.
function alternate(seconds, choose) {
  let turn = 0;
  if (seconds > 0) setInterval(() => choose(turn++ % 2), seconds * 1000);
}

// texts are the cues that a video element or a player shows, without markup: undefined as long as none is loaded.
function texts(tracks) {
  const visible = Array.from(tracks).filter(({ kind, mode, cues }) => kind === 'subtitles' && mode === 'showing' && cues?.length);
  if (visible.length === 0) return undefined;
  return visible.flatMap((track) => Array.from(track.activeCues ?? [], ({ text }) => text.replace(/<[^>]*>/g, '')));
}

async function hls(video, { src, recorder, switchEvery, languageEvery, behind, sends }) {
  await load('/node_modules/hls.js/dist/hls.js');
  const player = new Hls({
    ...(behind > 0 && { liveSyncDuration: behind }),
    ...(sends.includes('cmcd') && { cmcd: { useHeaders: true } }),
    xhrSetup(request) {
      request.withCredentials = sends.includes('credentials');
      if (sends.includes('authorization')) request.setRequestHeader('Authorization', 'Bearer of the page');
    },
  });
  player.on(Hls.Events.ERROR, (_, data) => {
    if (data.fatal) recorder.fail(`${data.details}: ${data.error?.message ?? data.reason ?? ''}`);
    else recorder.complain(data.details);
  });
  player.on(Hls.Events.FRAG_CHANGED, (_, { frag }) => {
    recorder.figures.fragments.push({ discontinuity: frag.cc, date: frag.programDateTime });
    recorder.level(`${player.levels[frag.level]?.height}p`);
  });
  player.on(Hls.Events.LEVEL_UPDATED, (_, { details }) => {
    for (const { id, startDate, duration, class: name } of Object.values(details.dateRanges)) {
      (recorder.figures.ranges[id] ??= []).push({ start: startDate.getTime(), duration, class: name });
    }
  });
  const { INTERSTITIAL_STARTED, INTERSTITIAL_ASSET_STARTED, INTERSTITIAL_ASSET_ERROR, INTERSTITIALS_PRIMARY_RESUMED } = Hls.Events;
  let playing;
  player.on(INTERSTITIAL_STARTED, (_, { event }) => recorder.ad('started', playing = event.identifier));
  player.on(INTERSTITIAL_ASSET_STARTED, (_, { event }) => recorder.ad('asset', event.identifier));
  player.on(INTERSTITIAL_ASSET_ERROR, (_, { event }) => recorder.ad('failed', event?.identifier));
  player.on(INTERSTITIALS_PRIMARY_RESUMED, () => { if (playing) recorder.ad('resumed', playing); playing = ''; });
  player.on(Hls.Events.AUDIO_TRACK_SWITCHED, (_, { lang }) => recorder.level(`audio ${lang}`));
  player.on(Hls.Events.SUBTITLE_TRACKS_UPDATED, () => { player.subtitleTrack = 0; });
  // Where the stream begins in an interstitial, the element gets another source, and hls.js has it play itself.
  player.on(Hls.Events.MANIFEST_PARSED, () => video.play().catch((error) => { if (error.name !== 'AbortError') throw error; }));
  recorder.observe({ date: () => player.playingDate?.getTime(), cues: () => texts(video.textTracks) });
  player.attachMedia(video);
  player.loadSource(src);
  alternate(switchEvery, (level) => { player.nextLevel = level; });
  alternate(languageEvery, (turn) => { player.audioTrack = 1 - turn; });
}

async function shaka_(video, { src, recorder, switchEvery }) {
  await load('/node_modules/shaka-player/dist/shaka-player.compiled.js');
  shaka.polyfill.installAll();
  const player = new shaka.Player();
  const critical = shaka.util.Error.Severity.CRITICAL;
  player.addEventListener('error', ({ detail }) => {
    if (detail.severity === critical) recorder.fail(detail.message || `code ${detail.code}`);
    else recorder.complain(`code ${detail.code}`);
  });
  player.addEventListener('stalldetected', () => recorder.complain('stall detected'));
  player.addEventListener('gapjumped', () => recorder.complain('gap jumped'));
  player.addEventListener('adaptation', () => recorder.level(`${height(player)}p`));
  player.addEventListener('variantchanged', () => recorder.level(`${height(player)}p`));
  const ads = player.getAdManager();
  const { AD_STARTED, AD_ERROR, AD_CONTENT_RESUME_REQUESTED } = shaka.ads.Utils;
  for (const [what, name] of Object.entries({ asset: AD_STARTED, failed: AD_ERROR, resumed: AD_CONTENT_RESUME_REQUESTED })) {
    ads.addEventListener(name, (event) => recorder.ad(what, event.ad?.getAdId?.() ?? ''));
  }
  await player.attach(video);
  await player.load(src);
  const [track] = player.getTextTracks();
  if (track) player.selectTextTrack(track);
  recorder.observe({ date: () => player.getPlayheadTimeAsDate()?.getTime(), cues: () => texts(video.textTracks) });
  video.play();
  alternate(switchEvery, (level) => {
    player.configure('abr.enabled', false);
    player.selectVariantTrack(player.getVariantTracks()[level], false);
  });
}

function height(player) {
  return player.getVariantTracks().find((track) => track.active)?.height;
}

async function videojs_(video, { src, recorder }) {
  await load('/node_modules/video.js/dist/video.js');
  const player = videojs(video, { html5: { vhs: { overrideNative: true } }, liveui: false });
  player.on('error', () => recorder.fail(player.error()?.message));
  player.src({ src, type: 'application/vnd.apple.mpegurl' });
  player.ready(() => {
    const tech = player.tech({ IWillNotUseThisInPlugins: true });
    tech.on('usage', ({ name }) => { if (/gap|timer|error|warn/.test(name)) recorder.complain(name); });
    tech.on('retryplaylist', () => recorder.complain('retryplaylist'));
    player.play();
  });
  video.addEventListener('resize', () => recorder.level(`${video.videoHeight}p`));
  player.on('loadedmetadata', () => {
    for (const track of Array.from(player.textTracks())) if (track.kind === 'subtitles') track.mode = 'showing';
  });
  recorder.observe({ date: () => segmentDate(player), cues: () => texts(player.textTracks()) });
}

// native_ is Chromium's own player. Sound of another origin can only be listened to with CORS.
async function native_(video, { src, recorder }) {
  video.crossOrigin = 'anonymous';
  video.addEventListener('error', () => recorder.fail(video.error?.message));
  recorder.observe({ date: () => video.getStartDate?.().getTime() + video.currentTime * 1000, cues: () => texts(video.textTracks) });
  video.src = src;
  video.play();
}

// segmentDate is the date at the playhead by that of the segment there, which video.js tells in a track of its own.
function segmentDate(player) {
  const track = Array.from(player.textTracks()).find(({ label }) => label === 'segment-metadata');
  const at = player.currentTime();
  const cue = Array.from(track?.cues ?? []).find(({ startTime, endTime }) => startTime <= at && at < endTime);
  return cue && cue.value.dateTimeObject.getTime() + (at - cue.startTime) * 1000;
}

export const players = { hls, shaka: shaka_, videojs: videojs_, native: native_ };
