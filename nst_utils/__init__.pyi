# The public names. lazy_loader reads this file at run time, editors for completion.
from . import (
    checks as checks,
)
from . import (
    fast as fast,
)
from . import (
    features as features,
)
from . import (
    gram as gram,
)
from . import (
    lbfgs as lbfgs,
)
from . import (
    loop as loop,
)
from . import (
    losses as losses,
)
from . import (
    magenta as magenta,
)
from . import (
    models as models,
)
from . import (
    pictures as pictures,
)
from . import (
    plots as plots,
)
from . import (
    runs as runs,
)
from . import (
    setup as setup,
)
from . import (
    widgets as widgets,
)
from .base.download import DownloadError as DownloadError
from .fast import magenta_handle as magenta_handle
from .fast import style_vector as style_vector
from .fast import stylize_fast as stylize_fast
from .features import FeatureExtractor as FeatureExtractor
from .features import layer_names as layer_names
from .gram import gram_matrix as gram_matrix
from .losses import (
    StyleTransferLoss as StyleTransferLoss,
)
from .losses import (
    content_loss as content_loss,
)
from .losses import (
    pixel_loss as pixel_loss,
)
from .losses import (
    style_loss as style_loss,
)
from .losses import (
    total_variation_loss as total_variation_loss,
)
from .models.fetching import WeightsError as WeightsError
from .loop import minimize as minimize
from .loop import resume as resume
from .loop import stylize as stylize
from .pictures.images import (
    ImageError as ImageError,
)
from .pictures.images import (
    check_picture as check_picture,
)
from .pictures.images import (
    from_uint8 as from_uint8,
)
from .pictures.images import (
    load_image as load_image,
)
from .pictures.images import (
    resize as resize,
)
from .pictures.images import (
    save_image as save_image,
)
from .pictures.images import (
    to_uint8 as to_uint8,
)
from .pictures.samples import (
    painting as painting,
)
from .pictures.samples import (
    painting_names as painting_names,
)
from .pictures.samples import (
    photo as photo,
)
from .pictures.samples import (
    photo_names as photo_names,
)
from .runs.animation import animated_gif as animated_gif
from .runs.live import LiveView as LiveView
from .runs.record import Iterate as Iterate
from .runs.record import StyleTransferRun as StyleTransferRun
from .setup.doctor import start_notebook as start_notebook
