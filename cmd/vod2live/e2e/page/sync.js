// Measures how far apart picture and sound are: of a VOD that flashes and beeps at once, each second.

const loud = 0.1; // of full scale
const quiet = 0.3; // s without sound before a beep
const bright = 128; // of 255
const apart = 0.45; // s that a flash and its beep are apart at most

// watchSync notes in figures.offsets how many milliseconds each beep comes after its flash.
export function watchSync(video, figures) {
  const beeps = [];
  listen(video, (at) => beeps.push(at));
  look(video, (flash) => {
    setTimeout(() => {
      const near = beeps.filter((beep) => Math.abs(beep - flash) < apart * 1000);
      if (near.length) figures.offsets.push(Math.min(...near) - flash);
    }, 2 * apart * 1000);
  });
}

// look calls back with the instant at which each flash is shown.
function look(video, flashed) {
  const picture = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
  let lit = false;
  const frame = (_, { expectedDisplayTime }) => {
    picture.drawImage(video, 0, 0, 1, 1);
    const [red] = picture.getImageData(0, 0, 1, 1).data;
    if (red > bright && !lit) flashed(expectedDisplayTime);
    lit = red > bright;
    video.requestVideoFrameCallback(frame);
  };
  video.requestVideoFrameCallback(frame);
}

// listen calls back with the instant at which each beep is heard.
function listen(video, beeped) {
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 8192 });
  context.createMediaElementSource(video).connect(analyser).connect(context.destination);
  const samples = new Float32Array(analyser.fftSize);
  let last = 0; // when the last sound was
  setInterval(() => {
    const end = context.currentTime;
    analyser.getFloatTimeDomainData(samples);
    for (let i = 0; i < samples.length; i++) {
      const at = end - (samples.length - i) / context.sampleRate;
      if (Math.abs(samples[i]) < loud || at <= last) continue;
      if (at - last > quiet) beeped(instant(context, at));
      last = at;
    }
  }, 20);
}

// instant is a time of an audio context on the page's clock, in milliseconds.
function instant(context, at) {
  const { contextTime, performanceTime } = context.getOutputTimestamp();
  return performanceTime + (at - contextTime) * 1000;
}
