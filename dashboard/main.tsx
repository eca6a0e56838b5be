/** The page: the list of topologies, or one of them. @module */
import { render } from 'preact';
import { ListPage } from './list/list-page.js';
import { followAddress, place } from './place.js';
import { TopologyPage } from './detail/topology-page.js';

function Page() {
  const { topology } = place.value;
  return topology === null ? <ListPage /> : <TopologyPage key={topology} name={topology} />;
}

followAddress();
const root = document.getElementById('page');
if (root !== null) render(<Page />, root);
