// Watches a video element while it plays. Every figure is counted from when playback has begun: the playhead has
// moved on in each of so many samples, and cues are loaded if they are wanted. Before that, players seek to where they
// want to begin.

const sampleInterval = 100; // ms
const steadySamples = 5;
const seam = 0.5; // s before and behind a loop point that count as the seam

export class Recorder {
  // wanted is how far the playhead is to go: {advance} in seconds, and with {loop, points} beyond so many loop points
  // of a VOD of so many seconds, the first of whose loops begins at {epoch} in milliseconds since 1970, and a second
  // more; with {text} also until a cue is on screen then; with {rate, edge} so much faster than the clock, until the
  // playhead is at most so many seconds behind it, and then as it goes; with {ends} until the media has ended; with
  // {seeks} once it has played at so many seconds before the clock, one by one; with {breaks} until the stream has come
  // back from so many interstitials, which move the playhead as they like, and has gone on for a second.
  constructor(video, wanted) {
    this.video = video;
    this.wanted = wanted;
    this.player = { date: () => undefined, cues: () => undefined };
    this.done = false;
    this.figures = {
      advanced: 0, // s that the playhead has moved
      longestStand: 0, // s that it stood, at worst
      longestLeap: 0, // s that it went further than the clock in one sample, at worst
      seamStand: 0, // s, the same two within half a second of a loop point
      seamLeap: 0,
      holes: 0, // ranges that were buffered behind the one at the playhead, at most
      samples: 0,
      waiting: 0, // "waiting" events of the element
      points: 0, // loop points that the playhead crossed
      behind: [], // s between the date at the playhead and the clock: at first, at last
      began: 0, // the date at the playhead when playback had begun, in milliseconds
      ended: false, // the media has
      duration: 0, // of the media, then
      seeks: [], // {behind, late, took}: where the playhead was to go, how much later it was, and the seconds that took
      shown: [], // {date, cues} of each sample, if cues are wanted
      ranges: {}, // all {start, duration, class} that were said of each EXT-X-DATERANGE by its ID, where the player tells
      offsets: [], // ms from each flash to its beep, where that is measured
      width: 0,
      height: 0,
      fatal: [],
      nonFatal: {}, // what the player complained of and went on from, by name
      breaks: [], // {what, id, at} of interstitials, where the player tells: started, asset, failed, resumed
      complaints: [], // the same since playback began, each with the seconds into the loop at the playhead
      fragments: [], // {discontinuity, date} of each fragment that came on screen, where the player tells
      levels: [], // the bit rates that came on screen, in order
      droppedFrames: 0,
      totalFrames: 0,
    };
    video.addEventListener('waiting', () => { if (this.began) this.figures.waiting++; });
    video.addEventListener('ended', () => { this.figures.ended = true; });
    this.timer = setInterval(() => this.sample(), sampleInterval);
  }

  // sample compares the playhead with the clock. When the page itself was not run for a while, that while counts
  // as one sample: a machine that stops says nothing about the stream.
  sample() {
    const now = performance.now() / 1000;
    const at = this.video.currentTime;
    const passed = now - (this.lastNow ?? now);
    const moved = at - (this.lastAt ?? at);
    this.lastNow = now;
    this.lastAt = at;
    if (!this.began) {
      this.steady = moved > 0 && moved < 2 * passed ? (this.steady ?? 0) + 1 : 0;
      this.began = this.steady >= steadySamples && (!this.wanted.text || this.player.cues() !== undefined);
      if (this.began) this.begin();
      return;
    }
    if (this.wanted.seeks?.length > 0) return void this.seek(now, moved > 0 && moved < 2 * passed);
    const f = this.figures;
    f.samples++;
    f.advanced += moved;
    f.longestLeap = Math.max(f.longestLeap, moved - passed * this.video.playbackRate);
    this.stood = moved > 0 ? 0 : (this.stood ?? 0) + Math.min(passed, 2 * sampleInterval / 1000);
    f.longestStand = Math.max(f.longestStand, this.stood);
    const position = this.locate();
    this.watchSeam(position, moved - passed);
    const cues = this.wanted.text ? this.look(passed) : undefined;
    const { points, advance, text, ends, breaks } = this.wanted;
    if (ends) return void (f.ended && this.finish());
    if (breaks > 0) return void (this.resumed() >= breaks && this.since >= 1 && this.finish());
    const far = f.advanced >= advance && (!points || (f.points >= points && position >= 1)) && this.atEdge();
    if (far && (!text || cues.length)) this.finish();
  }

  begin() {
    this.figures.began = this.player.date() ?? 0;
    if (this.wanted.rate > 0) this.video.playbackRate = this.wanted.rate;
  }

  // atEdge reports whether the playhead has come to the edge, if it is to, and has played there for a while.
  atEdge() {
    const { edge } = this.wanted;
    if (!edge) return true;
    if (this.video.playbackRate > 1 && this.figures.behind[1] <= edge) {
      this.video.playbackRate = 1;
      this.edgeAt = this.video.currentTime;
    }
    return this.video.currentTime >= this.edgeAt + 3;
  }

  // seek goes to the next of the dates, once the playhead has moved on at the last of them.
  seek(now, moves) {
    const f = this.figures;
    const date = this.player.date();
    const there = this.target && !this.video.seeking && date > this.target.date - 5000 && date < this.target.date + 5000 + 1000 * (now - this.target.at);
    if (there) this.steady = moves ? this.steady + 1 : 0;
    if (this.target && this.steady < steadySamples) return;
    if (this.target) {
      f.seeks.push({ behind: this.target.behind, late: (date - this.target.date) / 1000, took: now - this.target.at });
      this.wanted.seeks.shift();
      this.target = undefined;
      if (this.wanted.seeks.length === 0) return void this.finish();
    }
    if (!Number.isFinite(date)) return;
    const behind = this.wanted.seeks[0];
    this.target = { behind, date: Date.now() - behind * 1000, at: now };
    this.steady = 0;
    this.video.currentTime += (this.target.date - date) / 1000;
  }

  // locate counts loop points by the date at the playhead; it returns the seconds since the loop began.
  locate() {
    const date = this.player.date();
    const { loop, breaks } = this.wanted;
    if (!Number.isFinite(date) || !(loop || breaks)) return 0;
    const f = this.figures;
    const behind = (Date.now() - date) / 1000;
    f.behind = [f.behind[0] ?? behind, behind];
    if (!loop) return 0;
    const loops = (date - this.wanted.epoch) / 1000 / loop;
    this.first ??= Math.floor(loops);
    f.points = Math.max(f.points, Math.floor(loops) - this.first);
    return (loops - Math.floor(loops)) * loop;
  }

  // watchSeam notes what happens where loops meet, at a position in the loop, in seconds.
  watchSeam(position, leap) {
    const f = this.figures;
    const { buffered, currentTime } = this.video;
    const ahead = Array.from({ length: buffered.length }, (_, i) => buffered.start(i)).filter((start) => start > currentTime);
    f.holes = Math.max(f.holes, ahead.length);
    const crossed = position < this.position;
    this.position = position;
    if (!crossed && position >= seam && position <= this.wanted.loop - seam) return;
    f.seamStand = Math.max(f.seamStand, this.stood);
    f.seamLeap = Math.max(f.seamLeap, leap);
  }

  // look notes the cues on screen, unless the page was not run for a while: the element was not either.
  look(passed) {
    const cues = this.player.cues() ?? [];
    const date = this.player.date();
    if (Number.isFinite(date) && passed < 2 * sampleInterval / 1000) this.figures.shown.push({ date, cues });
    return cues;
  }

  // observe takes functions of a player: date tells that at the playhead in milliseconds since 1970, cues the texts
  // on screen, or undefined as long as none is loaded.
  observe(player) {
    Object.assign(this.player, player);
  }

  // resumed is how often the stream has come back from an interstitial; since is how far it has gone on from then.
  resumed() {
    const count = this.figures.breaks.filter(({ what }) => what === 'resumed').length;
    const { currentTime } = this.video;
    const moved = currentTime - (this.lastResumed ?? currentTime);
    this.since = count === this.counted ? (this.since ?? 0) + (moved > 0 && moved < 1 ? moved : 0) : 0;
    Object.assign(this, { counted: count, lastResumed: currentTime });
    return count;
  }

  // ad notes what a player does with an interstitial.
  ad(what, id) {
    this.figures.breaks.push({ what, id, at: Date.now() });
  }

  // complain counts something that the player reported and survived.
  complain(name) {
    this.figures.nonFatal[name] = (this.figures.nonFatal[name] ?? 0) + 1;
    if (this.began) this.figures.complaints.push(`${name} at ${this.locate().toFixed(1)}`);
  }

  // fail ends the play: the player gave up.
  fail(what) {
    this.figures.fatal.push(String(what));
    this.finish();
  }

  level(name) {
    if (this.figures.levels.at(-1) !== name) this.figures.levels.push(name);
  }

  finish() {
    if (this.done) return;
    clearInterval(this.timer);
    const quality = this.video.getVideoPlaybackQuality();
    Object.assign(this.figures, {
      width: this.video.videoWidth,
      height: this.video.videoHeight,
      droppedFrames: quality.droppedVideoFrames,
      totalFrames: quality.totalVideoFrames,
      duration: Number.isFinite(this.video.duration) ? this.video.duration : 0,
    });
    this.done = true;
  }
}
