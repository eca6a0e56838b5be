/** Lines of files, of gzip files and of standard input. @module */
export { file, type FileOptions } from './file.js';
