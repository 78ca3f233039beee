/** In place of packages that only Node has: nothing in the page calls them. */
export default undefined;
