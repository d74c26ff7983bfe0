import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // the page's policy lets it load files of its own only
    chunkSizeWarningLimit: 600, // kB: hls.js, which is loaded when a stream is watched
  },
});
