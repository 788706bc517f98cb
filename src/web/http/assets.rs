//! Static assets: embedded in the binary, named by content hash, compressed once.

use std::sync::Arc;

use axum::Router;
use axum::middleware::map_response;
use axum::response::Response;
use memory_serve::CacheControl;

use crate::web::components::page::layout::AssetPaths;
use crate::web::http::headers::Open;

/// Returns the routes of the assets, and their paths.
pub fn load() -> (Router, AssetPaths) {
    let files = memory_serve::load!()
        .index_file(None)
        .enable_hashed_routes(true)
        .cache_control(CacheControl::Medium);
    let manifest = files.manifest();
    let path = |route: &str| Arc::from(manifest.get(route).unwrap_or(route));
    let paths = AssetPaths {
        style: path("/pollstr.css"),
        script: path("/pollstr.js"),
        icon: path("/icon.svg"),
    };
    // Assets are public, and an embedded poll in a sandboxed frame (opaque origin) needs its style
    // sheet.
    let open = map_response(|mut response: Response| async {
        response.extensions_mut().insert(Open::Shown);
        response
    });
    (files.into_router().layer(open), paths)
}
