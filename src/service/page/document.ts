/** The page at `/`: what the model thinks, for people to look at. Plain elements; its script fills them from the service's own endpoints. */
export const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>tailrec</title>
<link rel="stylesheet" href="/page.css">
<script type="module" src="/page.js"></script>
</head>
<body>
<a class="skip" href="#item">Skip to the item</a>
<header>
  <h1>tailrec <small id="model"></small></h1>
  <form id="search" role="search">
    <label for="q">Find an item</label>
    <input id="q" name="q" type="search" autocomplete="off" maxlength="500" placeholder="title, id or meaning">
  </form>
  <form id="key" hidden>
    <label for="secret">Key of this service</label>
    <input id="secret" type="password" autocomplete="off"><button>Use</button>
  </form>
  <p id="status" role="status" aria-live="polite"></p>
</header>
<main>
  <section aria-labelledby="found-title" id="found-section" hidden>
    <h2 id="found-title">Found</h2>
    <ol id="found" class="tiles"></ol>
  </section>
  <section id="item" tabindex="-1" aria-labelledby="item-title" hidden>
    <p id="example" class="muted" hidden>An item with few interactions, as an example. Find others above.</p>
    <div class="head">
      <div id="item-picture" class="large"></div>
      <div>
        <h2 id="item-title"></h2>
        <p id="item-facts" class="muted"></p>
        <p id="item-text"></p>
        <dl id="item-attributes"></dl>
        <p id="advice" class="muted"></p>
        <p><button id="take" type="button">Add to the session</button></p>
      </div>
      <figure><canvas id="map" width="320" height="240" role="img" aria-label="Where the item stands among others"></canvas>
        <figcaption class="muted">Where it stands; large dots have many interactions. A click opens one.</figcaption></figure>
    </div>
    <div class="columns">
      <div><h3>Before <span class="muted">behaviour alone</span></h3><ol id="before" class="list"></ol></div>
      <div><h3>Content <span class="muted">alone</span></h3><ol id="content" class="list"></ol></div>
      <div><h3>After <span class="muted">as served</span></h3><ol id="after" class="list"></ol></div>
    </div>
    <div id="reason" class="reason" role="status" aria-live="polite"></div>
  </section>
  <section aria-labelledby="session-title">
    <h2 id="session-title">A session</h2>
    <p class="muted">Items that you add above are taken; the list of what to show next follows.</p>
    <div class="controls">
      <label for="tail">Tail <output id="tail-value" for="tail"></output></label>
      <input id="tail" type="range" min="0" max="1" step="0.05" value="0.5" aria-describedby="tail-ends">
      <span id="tail-ends" class="muted">0 popular first, 1 no regard to popularity</span>
      <label for="filter">Only</label>
      <input id="filter" placeholder="category = Kitchen and price < 50" autocomplete="off">
    </div>
    <div class="columns two">
      <div><h3>Taken</h3><ol id="taken" class="list"></ol></div>
      <div><h3>Recommended</h3><ol id="recommended" class="list"></ol><p id="note" class="muted"></p></div>
    </div>
  </section>
  <section aria-labelledby="new-title">
    <h2 id="new-title">A new product</h2>
    <form id="new">
      <label for="new-name">Title</label><input id="new-name" name="title" required maxlength="2000">
      <label for="new-text">Description</label><textarea id="new-text" name="description" rows="3" maxlength="50000"></textarea>
      <label for="new-picture">Picture</label><input id="new-picture" type="file" accept="image/*">
      <button>Show its neighbours</button>
    </form>
    <p id="new-facts" class="muted" role="status"></p>
    <ol id="neighbours" class="tiles"></ol>
  </section>
  <section aria-labelledby="traffic-title">
    <h2 id="traffic-title">Traffic</h2>
    <p><button id="measure" type="button">Measure the log</button></p>
    <div class="scroll"><table id="figures" hidden><caption class="muted">The last day beside the time before</caption><thead><tr><th scope="col">figure</th><th scope="col">last day</th><th scope="col">before</th><th scope="col">day by day</th></tr></thead><tbody></tbody></table></div>
    <div class="scroll"><table id="variants" hidden><caption class="muted">The running experiment; p holds however often one looks</caption><thead><tr><th scope="col">variant</th><th scope="col">users</th><th scope="col">lists</th><th scope="col">click-through</th><th scope="col">difference</th><th scope="col">p</th></tr></thead><tbody></tbody></table></div>
  </section>
</main>
<footer><a href="/docs">Endpoints of this service</a></footer>
</body>
</html>
`;
