//! A drawing as a picture, for papers that cannot hold SVG.

use resvg::{
    tiny_skia::{Color, Pixmap, Transform},
    usvg::{Options, Tree},
};

use super::Chart;

/// Pixels a point of the drawing: about 300 to the inch where it fills a page of A4.
const PIXELS: f32 = 2.0;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum NotDrawn {
    /// The drawing is no SVG that can be drawn.
    #[error("the drawing cannot be read: {0}")]
    Unreadable(#[from] resvg::usvg::Error),
    /// No place for the picture, or it could not be written as PNG.
    #[error("the picture cannot be made: {0}")]
    Unmade(String),
}

/// A picture and its size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// PNG.
    pub png: Vec<u8>,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

impl Chart {
    /// The drawing as PNG on white. The same drawing gives the same bytes.
    ///
    /// # Errors
    /// [`NotDrawn`] when the SVG is not drawable, which none of ours is.
    pub fn png(&self) -> Result<Picture, NotDrawn> {
        let tree = Tree::from_str(&self.svg_with_paths(), &Options::default())?;
        let unmade = |why: &str| NotDrawn::Unmade(why.to_owned());
        let size =
            tree.size().to_int_size().scale_by(PIXELS).ok_or_else(|| unmade("its size is out of bounds"))?;
        let mut pixels =
            Pixmap::new(size.width(), size.height()).ok_or_else(|| unmade("its size is out of bounds"))?;
        pixels.fill(Color::WHITE);
        resvg::render(&tree, Transform::from_scale(PIXELS, PIXELS), &mut pixels.as_mut());
        let png = pixels.encode_png().map_err(|error| unmade(&error.to_string()))?;
        Ok(Picture { png, width: size.width(), height: size.height() })
    }
}
