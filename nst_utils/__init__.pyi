# The public names: lazy_loader reads them here at run time, editors for completion.
from . import checks as checks, fast as fast, features as features, gram as gram, lbfgs as lbfgs
from . import loop as loop, losses as losses, magenta as magenta, models as models, plots as plots
from . import control as control, film as film, painter as painter, statistics as statistics
from . import train as train, widgets as widgets
from .base import SetupError as SetupError
from .base.download import DownloadError as DownloadError
from .control import cut_out as cut_out, find_regions as find_regions
from .fast import magenta_handle as magenta_handle, style_vector as style_vector, stylize_fast as stylize_fast
from .features import FeatureExtractor as FeatureExtractor, layer_names as layer_names
from .film import stylize_film as stylize_film, temporal_loss as temporal_loss
from .gram import gram_matrix as gram_matrix
from .loop import minimize as minimize, resume as resume, stylize as stylize
from .losses import (
    StyleTransferLoss as StyleTransferLoss,
    content_loss as content_loss,
    pixel_loss as pixel_loss,
    style_loss as style_loss,
    total_variation_loss as total_variation_loss,
)
from .models.fetching import WeightsError as WeightsError
from .models.sample_film import sample_film as sample_film
from .painter import StylePainter as StylePainter, load_painter as load_painter
from .pictures.arrays import (
    ImageError as ImageError,
    check_picture as check_picture,
    from_uint8 as from_uint8,
    resize as resize,
    to_uint8 as to_uint8,
)
from .pictures.colors import match_colors as match_colors
from .pictures.faces import find_faces as find_faces
from .pictures.files import load_image as load_image, save_image as save_image
from .pictures.films import Film as Film, save_film as save_film
from .pictures.flow import (
    flicker as flicker,
    follow as follow,
    optical_flow as optical_flow,
    reliable as reliable,
    warp as warp,
)
from .pictures.opponent import restore_colors as restore_colors
from .pictures.initial import initial_picture as initial_picture
from .pictures.samples import (
    painting as painting,
    painting_names as painting_names,
    photo as photo,
    photo_names as photo_names,
)
from .runs.animation import animated_gif as animated_gif
from .runs.live import LiveView as LiveView
from .runs.record import Iterate as Iterate, StyleTransferRun as StyleTransferRun, TrainingRun as TrainingRun
from .setup.doctor import diagnose as diagnose
from .setup.notebook import start_notebook as start_notebook
from .statistics import (
    mean_and_spread_loss as mean_and_spread_loss,
    nearest_neighbor_loss as nearest_neighbor_loss,
    relaxed_earth_mover_loss as relaxed_earth_mover_loss,
    sliced_wasserstein_loss as sliced_wasserstein_loss,
)
from .train import resume_training as resume_training, train_painter as train_painter

__version__: str
