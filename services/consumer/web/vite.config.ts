import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The portal's pages, built into `dist`, which the consumer service serves. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  resolve: { conditions: ['browser', 'module', 'import', 'default'] },
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0 },
});
