/** Where the parts of a cluster have their files. @module */
import { join } from 'node:path';

/** @param dir the cluster's folder, absolute */
export const folderOf = (
  dir: string,
  part: 'nimbus' | 'supervisor' | 'topologies' | 'artefacts',
): string => join(dir, part);

/** Where the supervisor listens. */
export const socketOf = (dir: string): string => join(dir, 'supervisor.sock');

/** The state folder of a topology. */
export const stateDirOf = (dir: string, topology: string): string =>
  join(folderOf(dir, 'topologies'), topology);
